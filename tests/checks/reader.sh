#!/usr/bin/env bash
# The guide "Build a site on it", command by command, on a new newsroom; then the example's site, read in a real browser. Needs a built service;
# installs Chromium where it is missing.
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
slug=en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine
pid= serving=
cleanup() {
  [ -z "$serving" ] || kill "$serving" 2>/dev/null || true
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

npm ci --prefix "$source/tests/reader" --ignore-scripts --no-audit --no-fund --silent
mkdir "$work/clone"
ln -s "$source/examples" "$work/clone/examples"
port=$(free_port) preview=$(free_port)
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port Cms__DataFolder=$work/clone/.data
dotnet run --no-build --project "$source/src/Cms.Api" >"$work/service.log" 2>&1 &
pid=$!
limit=$((SECONDS + 120)) # npm may have to bring PostgreSQL first
until [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://localhost:$port/delivery/v1/articles/$slug")" = 200 ]; do
  kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $limit ] || { cat "$work/service.log"; echo "the service does not answer"; exit 1; }
  sleep 0.2
done

# The guide's commands as they stand there, but for the ports; what goes on running (the service, the preview) runs beside them.
awk '/^```sh$/ { code = 1; next } /^```$/ { code = 0 } code' "$source/docs/build-a-site.md" |
  sed -e "s/localhost:8080/localhost:$port/g" -e 's/^dotnet run --project src\/Cms.Api$/:/' \
    -e "s/^\(node examples\/reader\/serve.mjs .*\)$/\1 --port $preview >\/dev\/null \& echo \$! >serving/" >"$work/guide.sh"
(cd "$work/clone" && timeout 120 bash -euo pipefail "$work/guide.sh" >"$work/guide.log" 2>&1) || { cat "$work/guide.log"; echo "a command of the guide fails"; exit 1; }
serving=$(cat "$work/clone/serving")
said=$(cat "$work/guide.log")
promise() { # promise TEXT…: what the guide's commands say, in this order
  local text
  for text in "$@"; do
    case $said in *"$text"*) said=${said#*"$text"} ;; *) cat "$work/guide.log"; echo "the guide's commands do not give: $text"; exit 1 ;; esac
  done
}
promise '"slug":"'$slug'"' 'made anew: 13 changes' 'made anew: 13 changes' 'followed: 1 changes' '"change":"upsert"' '301 Moved Permanently' 'followed: 1 changes' \
  '/sport/le-stade-rouvre /sport/le-stade-a-rouvert 301' '410 Gone' 'followed: 1 changes' '304 Not Modified'
curl -sf "http://localhost:$preview/international/$slug" | grep -qF '<h1>' || { echo "the preview does not show the article"; exit 1; }

timeout 240 node "$source/tests/reader/check.mjs" "http://localhost:$port" "$(cat "$work/clone/.data/development-token")" "$chromium" "$source/TestResults/reader"
stop
echo "every command of the guide does what it says; screenshots are in TestResults/reader; $SECONDS s"
