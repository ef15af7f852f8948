#!/usr/bin/env bash
# digest-kills.sh [SEED [READERS [KILLS]]]: two nodes send a digest of 20,000 mails to a mail server that answers 4xx and 5xx, hangs and hangs up at random, and
# are killed twenty times with SIGKILL. Everyone's mail is accounted for, from the mail server's own log: nobody is missed, and what came twice was in doubt and is counted.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${1:-$((RANDOM * 32768 + RANDOM))}
echo "seed $seed"
work=$(mktemp -d)
chmod 755 "$work" # as root, PostgreSQL's own user must reach the database
helper=
cleanup() {
  if [ -n "$helper" ] && kill -TERM "$helper" 2>/dev/null; then wait "$helper" || true; fi # it ends its nodes, and the last of them PostgreSQL
  local postgres
  postgres=$(head -n 1 "$work/data/postgres/cluster/postmaster.pid" 2>/dev/null || true)
  if [ -n "$postgres" ]; then # both nodes were dead: nobody stopped it
    kill -INT "$postgres" 2>/dev/null || true
    timeout 30 tail --pid="$postgres" -f /dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

# As it is delivered: it starts soon, so that twenty starts fit. CMS_APP names a folder where it is published already.
app=${CMS_APP:-$work/app}
[ -n "${CMS_APP:-}" ] || timeout 600 dotnet publish src/Cms.Api -c Release -o "$app" -v q >/dev/null
npm ci --prefix tests/digest --ignore-scripts --no-audit --no-fund --silent
timeout -k 60 1700 node tests/digest/kills.mjs "$app" "$work" "$seed" "${2:-20000}" "${3:-20}" &
helper=$!
code=0
wait "$helper" || code=$?
helper=
if [ "$code" != 0 ]; then
  tail -n 30 "$work"/[ab].log
  echo "digest-kills: failed, seed $seed"
  exit 1
fi
echo "digest-kills: $SECONDS s"
