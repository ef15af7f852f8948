#!/usr/bin/env bash
# digest-kills.sh [SEED [READERS [KILLS]]]: two nodes send a digest of 20,000 mails to a mail server that answers 4xx and 5xx, hangs and hangs up at random, and
# are killed twenty times with SIGKILL. Everyone's mail is accounted for, from the mail server's own log: nobody is missed, and what came twice was in doubt and is counted.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${1:-$((RANDOM * 32768 + RANDOM))}
echo "seed $seed"
. tests/checks/lib.sh
helper=
ended() {
  if [ -n "$helper" ] && kill -TERM "$helper" 2>/dev/null; then wait "$helper" || true; fi # it ends its nodes, and the last of them PostgreSQL
  cleanup
}
trap ended EXIT

published # it starts soon, so that twenty starts fit
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
