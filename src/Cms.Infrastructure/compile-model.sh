#!/usr/bin/env bash
# Compiles the EF model anew after a mapping has changed; CompiledModelTests says when.
set -euo pipefail
cd "$(dirname "$0")"
rm -f Compiled/*.cs
dotnet tool restore
dotnet ef dbcontext optimize --output-dir Compiled --namespace Cms.Infrastructure.Compiled
# The tool makes its types public and switches warnings off in each file: they are nobody's but EF Core's, and .editorconfig says which warnings and why.
sed -i.bak -e 's/public partial class/internal partial class/' -e '/^#pragma warning disable/d' Compiled/*.cs
rm Compiled/*.bak
