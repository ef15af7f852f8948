#!/usr/bin/env bash
# A reader with a real browser and no JavaScript signs up, confirms, chooses and leaves; the mails are taken by a mail server of npm's, read by a
# parser of npm's, and their signatures verified by a verifier of npm's. Needs a built service; installs Chromium where it is missing.
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

npm ci --prefix "$source/tests/mail" --ignore-scripts --no-audit --no-fund --silent
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$work/ed25519.pem"
port=$(free_port) smtp=$(free_port)
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port Cms__DataFolder=$work/data Cms__Newsletter__CheckDomains=false
export Cms__Mail__Host=127.0.0.1 Cms__Mail__Port=$smtp Cms__Mail__Security=None Cms__Mail__From='La Gazette <news@example.org>'
export Cms__Mail__DkimDomain=example.org Cms__Mail__DkimSelector=cms1 Cms__Mail__DkimKeyFile=$work/rsa.pem \
  Cms__Mail__DkimEd25519Selector=cms2 Cms__Mail__DkimEd25519KeyFile=$work/ed25519.pem
dotnet run --no-build --project "$source/src/Cms.Api" >"$work/service.log" 2>&1 &
pid=$!
limit=$((SECONDS + 120)) # npm may have to bring PostgreSQL first
until [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://localhost:$port/newsletter/v1/subscriptions")" = 200 ]; do
  kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $limit ] || { cat "$work/service.log"; echo "the service does not answer"; exit 1; }
  sleep 0.2
done
grep -q "^ *mails *127.0.0.1:$smtp\$" "$work/service.log" || { cat "$work/service.log"; echo "the start does not say where mails go"; exit 1; }

timeout 120 node "$source/tests/mail/check.mjs" "http://localhost:$port" "$smtp" "$work" "$chromium" || { tail -n 30 "$work/service.log"; exit 1; }
stop
echo "mails: $SECONDS s"
