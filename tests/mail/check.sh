#!/usr/bin/env bash
# A reader with a real browser and no JavaScript signs up, confirms, chooses and leaves; the mails are taken by a mail server of npm's, read by a
# parser of npm's, and their signatures verified by a verifier of npm's. Needs a built service; installs Chromium where it is missing.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/checks/lib.sh"
browser

npm ci --prefix "$source/tests/mail" --ignore-scripts --no-audit --no-fund --silent
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$work/ed25519.pem"
port=$(free_port) smtp=$(free_port)
unset ConnectionStrings__Cms ASPNETCORE_ENVIRONMENT
export ASPNETCORE_URLS=http://localhost:$port Cms__DataFolder=$data Cms__Newsletter__CheckDomains=false
export Cms__Mail__Host=127.0.0.1 Cms__Mail__Port=$smtp Cms__Mail__Security=None Cms__Mail__From='La Gazette <news@example.org>'
export Cms__Mail__DkimDomain=example.org Cms__Mail__DkimSelector=cms1 Cms__Mail__DkimKeyFile=$work/rsa.pem \
  Cms__Mail__DkimEd25519Selector=cms2 Cms__Mail__DkimEd25519KeyFile=$work/ed25519.pem
run "$work/service.log" 120 "http://localhost:$port/newsletter/v1/subscriptions" dotnet run --no-build --project "$source/src/Cms.Api" # npm may have to bring PostgreSQL first
grep -q "^ *mails *127.0.0.1:$smtp\$" "$work/service.log" || { cat "$work/service.log"; echo "the start does not say where mails go"; exit 1; }

timeout 120 node "$source/tests/mail/check.mjs" "http://localhost:$port" "$smtp" "$work" "$chromium" || { tail -n 30 "$work/service.log"; exit 1; }
stop
echo "mails: $SECONDS s"
