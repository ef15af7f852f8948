#!/usr/bin/env bash
# Makes docs/pictures/ anew: the sample newsroom's digest, as the running service previews it, in three languages, light and dark. Needs a built service;
# installs Chromium where it is missing, and fonts that mails ask for.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
browser() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
chromium=${CHROMIUM:-$(browser)}
if [ -z "$chromium" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  timeout 300 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends chromium >/dev/null || true
  chromium=$(browser)
fi
[ -n "$chromium" ] || { echo "there is no Chromium: install it (apt-get install chromium), or say where it is in CHROMIUM"; exit 1; }
work=$(mktemp -d)
chmod 755 "$work" # as root, PostgreSQL's own user must reach it
pid=
cleanup() {
  if [ -n "$pid" ]; then (stop) >/dev/null 2>&1 || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

stop() { # SIGTERM to the service itself: `dotnet run` does not hand it on
  local service limit=$((SECONDS + 40))
  service=$(pgrep -P "$pid" | head -n 1)
  kill -TERM "${service:-$pid}"
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $limit ] || { kill -KILL "${service:-$pid}" "$pid"; echo "the service has not stopped within 40 s"; exit 1; }
    sleep 0.2
  done
  wait "$pid" || { echo "the service did not end with 0"; exit 1; }
  pid=
}

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then # Arial's measures, and Arabic
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends fonts-liberation fonts-noto-core >/dev/null || true
fi
npm ci --prefix "$source/tests/mail" --ignore-scripts --no-audit --no-fund --silent
port=$(free_port)
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port Cms__DataFolder=$work/data
dotnet run --no-build --project "$source/src/Cms.Api" >"$work/service.log" 2>&1 &
pid=$!
limit=$((SECONDS + 120)) # npm may have to bring PostgreSQL first
until grep -qs '^ *token ' "$work/service.log" && [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://localhost:$port/health/ready")" = 200 ]; do
  kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $limit ] || { cat "$work/service.log"; echo "the service does not answer"; exit 1; }
  sleep 0.2
done

mkdir -p "$source/docs/pictures"
TOKEN=$(sed -n 's/^ *token  *//p' "$work/service.log") timeout 120 node "$source/tests/mail/pictures.mjs" "http://localhost:$port" "$source/docs/pictures" "$chromium"
stop
