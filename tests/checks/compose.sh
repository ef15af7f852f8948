#!/usr/bin/env bash
# docker compose for real, as the README has it: `up` without an image, ready by its health check, a token, a draft published and read,
# stopped in its grace period, started again with its data.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/checks/lib.sh
if [ -f ../shared/tools/docker-up ]; then eval "$(../shared/tools/docker-up --compose)"; export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0; fi
if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
compose+=(-p cmscheck)
address=http://localhost:8080
down() { "${compose[@]}" down -v --rmi local --remove-orphans >/dev/null 2>&1 || true; }
trap 'down; cleanup' EXIT
down # no image: `up` has to build, and must not pull

# The README's command; -d alone is added, for the script goes on.
"${compose[@]}" up -d >"$work/up.log" 2>&1 || { cat "$work/up.log"; exit 1; }
begun=$SECONDS
container=$("${compose[@]}" ps -q cms)
until [ "$(docker inspect -f '{{.State.Health.Status}}' "$container")" = healthy ]; do
  [ $((SECONDS - begun)) -lt 120 ] || { "${compose[@]}" logs; echo "not healthy within 120 s"; exit 1; }
  sleep 1
done
echo "healthy after $((SECONDS - begun)) s"
[ "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}} {{.Config.User}}' "$container")" = "true 1654" ] || { echo "root file system is writable, or the user is root"; exit 1; }
"${compose[@]}" run --rm cms seed
token=$("${compose[@]}" exec -T cms dotnet Cms.Api.dll token create --name check --scope all | tr -d '\r\n')
curl -sf -o /dev/null -H "Authorization: Bearer $token" "$address/management/v1/articles"

section=$(curl -sf "$address/delivery/v1/sections/international" | grep -o '"id":"[^"]*' | head -n 1 | cut -c7-)
draft=$(curl -sfi -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$address/management/v1/articles" \
  -d "{ \"headline\": \"Le quai ferme\", \"language\": \"fr\", \"sectionId\": \"$section\", \"body\": [{ \"type\": \"paragraph\", \"text\": \"Hélas.\" }] }" | tr -d '\r')
location=$(sed -n 's/^Location: //p' <<<"$draft")
version=$(sed -n 's/^ETag: //p' <<<"$draft")
[ "$(curl -s -o /dev/null -w '%{http_code}' "$address/delivery/v1/articles/le-quai-ferme")" = 404 ] || { echo "a draft can be read"; exit 1; }
curl -sf -o /dev/null -X POST -H "Authorization: Bearer $token" -H "If-Match: $version" "$address$location/publish"
shows "$address/delivery/v1/articles/le-quai-ferme" 'Hélas' || { echo "a published article cannot be read"; exit 1; }

etag=$(curl -sf -D - -o /dev/null "$address/delivery/v1/articles/en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')
[ -n "$etag" ]
begun=$SECONDS
"${compose[@]}" stop cms >/dev/null 2>&1
echo "stopped in $((SECONDS - begun)) s, exit code $(docker inspect -f '{{.State.ExitCode}}' "$container")"
[ "$(docker inspect -f '{{.State.ExitCode}}' "$container")" = 0 ]
"${compose[@]}" stop database >/dev/null 2>&1
"${compose[@]}" up -d >/dev/null 2>&1
until curl -sf -o /dev/null "$address/health/ready"; do sleep 1; [ $((SECONDS - begun)) -lt 180 ] || { "${compose[@]}" logs; exit 1; }; done
kept=$(curl -sf -D - -o /dev/null "$address/delivery/v1/articles/en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')
[ "$etag" = "$kept" ] || { echo "the data was not kept"; exit 1; }
echo "compose: built, healthy, seeded, token made, a draft published and read, stopped, started again with its data"
