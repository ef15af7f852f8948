# Sourced by checks: a service, its end, a browser. $work is a folder that goes with the check, $pid what `run` started.

work=$(mktemp -d)
chmod 755 "$work" # as root, PostgreSQL's own user must reach it
unset Cms__DataFolder # whoever set it means a folder of their own
data=$work/data # where a check's service has its PostgreSQL
pid=
cleanup() {
  if [ -n "$pid" ]; then (stop) >/dev/null 2>&1 || true; fi
  stop_postgres "$data"
  rm -rf "$work"
}
trap cleanup EXIT

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

packages() { # packages PACKAGE…: where that can be done; whoever needs them says what is missing
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    timeout 300 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends "$@" >/dev/null || true
  fi
}

browser() { # leaves a Chromium in $chromium; CHROMIUM may name one
  local name try
  for try in here installed; do
    [ "$try" = here ] || packages chromium
    chromium=${CHROMIUM:-}
    for name in chromium chromium-browser google-chrome; do [ -n "$chromium" ] || chromium=$(command -v $name || true); done
    [ -z "$chromium" ] || return 0
  done
  echo "there is no Chromium: install it (apt-get install chromium), or say where it is in CHROMIUM"
  exit 1
}

run() { # run LOG LIMIT URL COMMAND…: runs a service until URL answers 200 and, where it prints one, its token is printed; leaves the seconds in $took
  local log=$1 limit=$2 url=$3 begun=$SECONDS
  shift 3
  "$@" >"$log" 2>&1 &
  pid=$!
  until [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$url")" = 200 ]; do
    kill -0 "$pid" 2>/dev/null || { cat "$log"; echo "the service ended"; pid=; exit 1; }
    [ $((SECONDS - begun)) -lt "$limit" ] || { cat "$log"; echo "no 200 of $url within $limit s"; exit 1; }
    sleep 0.2
  done
  # What it prints comes a moment later. In Production nothing does.
  until [ "${ASPNETCORE_ENVIRONMENT:-Development}" != Development ] || grep -q '^ *token ' "$log"; do
    kill -0 "$pid" 2>/dev/null && [ $((SECONDS - begun)) -lt "$limit" ] || { cat "$log"; echo "it prints no token"; exit 1; }
    sleep 0.2
  done
  took=$((SECONDS - begun))
}

shows() { # shows URL TEXT: not by `grep -q` at curl's end, which leaves with the first match, and a curl that was not done then has failed
  local page
  page=$(curl -sf "$1") && case $page in *"$2"*) ;; *) false ;; esac
}

token() { sed -n 's/^ *token  *//p' "$1"; } # token LOG: the printed one

published() { # leaves in $app a folder with the service as it is delivered; CMS_APP may name one
  app=${CMS_APP:-$work/app}
  [ -n "${CMS_APP:-}" ] || timeout 600 dotnet publish "$(dirname "${BASH_SOURCE[0]}")/../../src/Cms.Api" -c Release -o "$app" -v q >/dev/null
}

stop_postgres() { # stop_postgres DATA: one whose last user was killed
  local postgres
  postgres=$(head -n 1 "$1/postgres/cluster/postmaster.pid" 2>/dev/null || true)
  [ -n "$postgres" ] || return 0
  kill -INT "$postgres" 2>/dev/null || true
  timeout 30 tail --pid="$postgres" -f /dev/null || true
}

stop() { # SIGTERM to the service itself: `dotnet run` does not hand it on, and SIGINT is ignored by what a script starts in the background
  local service limit=$((SECONDS + 40))
  service=$(pgrep -P "$pid" | head -n 1 || true)
  kill -TERM "${service:-$pid}"
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $limit ] || { kill -KILL "${service:-$pid}" "$pid"; echo "the service has not stopped within 40 s"; exit 1; }
    sleep 0.2
  done
  wait "$pid" || { echo "the service did not end with 0"; exit 1; }
  pid=
}
