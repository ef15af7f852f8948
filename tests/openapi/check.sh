#!/usr/bin/env bash
# The documents of docs/openapi: no error and no warning of Redocly's recommended rules (examples against schemas among them),
# and types generated from them compile under strict.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --silent
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for document in ../../docs/openapi/*.json; do
  face=$(basename "$document" .json)
  npx redocly lint --config redocly.yaml --max-problems 20 --format json "$document" >"$work/$face.lint" 2>"$work/$face.log" || { cat "$work/$face.lint" "$work/$face.log"; exit 1; }
  node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); const t = r.totals; if (t.errors || t.warnings) { console.log(JSON.stringify(r.problems, null, 1)); process.exit(1) }' "$work/$face.lint"
  npx openapi-typescript "$document" -o "$work/$face.ts" >/dev/null 2>&1
  echo "$face: no error, no warning"
done
npx tsc --strict --noEmit --target es2022 --module esnext --moduleResolution bundler "$work"/*.ts
echo "generated types compile under strict"
