#!/usr/bin/env bash
# The guide "Build a site on it", command by command, on a new newsroom; then the example's site, read in a real browser. Needs a built service;
# installs Chromium where it is missing.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/checks/lib.sh"
browser
slug=en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine
data=$work/clone/.data
trap 'kill "$(cat "$work/clone/serving" 2>/dev/null)" 2>/dev/null || true; cleanup' EXIT

npm ci --prefix "$source/tests/reader" --ignore-scripts --no-audit --no-fund --silent
mkdir "$work/clone"
ln -s "$source/examples" "$work/clone/examples"
port=$(free_port) preview=$(free_port)
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port Cms__DataFolder=$data
run "$work/service.log" 120 "http://localhost:$port/delivery/v1/articles/$slug" dotnet run --no-build --project "$source/src/Cms.Api" # npm may have to bring PostgreSQL first

# The guide's commands as they stand there, but for the ports; what goes on running (the service, the preview) runs beside them.
awk '/^```sh$/ { code = 1; next } /^```$/ { code = 0 } code' "$source/docs/build-a-site.md" |
  sed -e "s/localhost:8080/localhost:$port/g" -e 's/^dotnet run --project src\/Cms.Api$/:/' \
    -e "s/^\(node examples\/reader\/serve.mjs .*\)$/\1 --port $preview >\/dev\/null \& echo \$! >serving/" >"$work/guide.sh"
(cd "$work/clone" && timeout 120 bash -euo pipefail "$work/guide.sh" >"$work/guide.log" 2>&1) || { cat "$work/guide.log"; echo "a command of the guide fails"; exit 1; }
said=$(cat "$work/guide.log")
promise() { # promise TEXT…: what the guide's commands say, in this order
  local text
  for text in "$@"; do
    case $said in *"$text"*) said=${said#*"$text"} ;; *) cat "$work/guide.log"; echo "the guide's commands do not give: $text"; exit 1 ;; esac
  done
}
promise '"slug":"'$slug'"' 'made anew: 13 changes' 'made anew: 13 changes' 'followed: 1 changes' '"change":"upsert"' '301 Moved Permanently' 'followed: 1 changes' \
  '/sport/le-stade-rouvre /sport/le-stade-a-rouvert 301' '410 Gone' 'followed: 1 changes' '304 Not Modified'
shows "http://localhost:$preview/international/$slug" '<h1>' || { echo "the preview does not show the article"; exit 1; }

timeout 240 node "$source/tests/reader/check.mjs" "http://localhost:$port" "$(cat "$work/clone/.data/development-token")" "$chromium" "$source/TestResults/reader"
stop
echo "every command of the guide does what it says; screenshots are in TestResults/reader; $SECONDS s"
