#!/usr/bin/env bash
# Makes docs/pictures/ anew: the sample newsroom's digest, as the running service previews it, in three languages, light and dark. Needs a built service;
# installs Chromium where it is missing, and fonts that mails ask for.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/checks/lib.sh"
browser
packages fonts-liberation fonts-noto-core # Arial's measures, and Arabic

npm ci --prefix "$source/tests/mail" --ignore-scripts --no-audit --no-fund --silent
port=$(free_port)
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port Cms__DataFolder=$data
run "$work/service.log" 120 "http://localhost:$port/health/ready" dotnet run --no-build --project "$source/src/Cms.Api" # npm may have to bring PostgreSQL first

mkdir -p "$source/docs/pictures"
TOKEN=$(token "$work/service.log") timeout 120 node "$source/tests/mail/pictures.mjs" "http://localhost:$port" "$source/docs/pictures" "$chromium"
stop
