#!/usr/bin/env bash
# A real Varnish with docs/varnish/default.vcl in front of the real service, which purges it: see check.mjs. Installs Varnish where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Debian's varnish-modules bring vmod xkey.
if ! command -v varnishd >/dev/null 2>&1 || ! find /usr/lib -name 'libvmod_xkey.so' 2>/dev/null | grep -q .; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then echo "Varnish with varnish-modules is missing."; exit 1; fi
  timeout 300 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends varnish varnish-modules >/dev/null
fi

. tests/checks/lib.sh
service=
varnishes=()
cleanup() {
  for one in "${varnishes[@]}"; do kill "$one" 2>/dev/null || true; done
  for one in "${varnishes[@]}"; do timeout 10 tail --pid="$one" -f /dev/null || true; done
  if [ -n "$service" ]; then
    kill -TERM "$service" 2>/dev/null || true
    timeout 30 tail --pid="$service" -f /dev/null || kill -KILL "$service" 2>/dev/null || true
  fi
  stop_postgres "$data"
  rm -rf "$work"
}
trap cleanup EXIT

port=$(free_port)
front=$(free_port)
stub=$(free_port)
stub_front=$(free_port)

vcl() { sed "s/\"8080\"/\"$1\"/" docs/varnish/default.vcl; } # vcl PORT: ours, with this backend
vcl "$port" >"$work/cms.vcl"
# The same, but shows nothing old while the service is well: whatever old it shows is by stale-if-error.
vcl "$stub" | sed 's/req.grace = 30s/req.grace = 0s/; s/interval = 2s/interval = 200ms/' >"$work/stub.vcl"

# No database, no setting but these: it runs a PostgreSQL of its own.
unset ConnectionStrings__Cms
export ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS=http://127.0.0.1:$port Cms__DataFolder=$data
export Cms__Limits__WritesPerMinute=100000 Cms__Limits__RequestsPerMinute=100000 Cms__Purge__Varnish=http://127.0.0.1:$front
[ -n "$(find src/Cms.Api/bin -name Cms.Api.dll 2>/dev/null | head -n 1)" ] || dotnet build -v q src/Cms.Api >/dev/null
dll=$(find "$PWD/src/Cms.Api/bin" -name Cms.Api.dll -printf '%T@ %p\n' | sort -rn | head -n 1 | cut -d' ' -f2-)
dotnet "$dll" >"$work/service.log" 2>&1 &
service=$!

start_varnish() { # start_varnish NAME PORT: with the VCL of that name
  varnishd -F -n "$work/$1" -a "127.0.0.1:$2" -f "$work/$1.vcl" -s malloc,128m >"$work/$1.log" 2>&1 &
  varnishes+=($!)
}
start_varnish cms "$front"
start_varnish stub "$stub_front"

limit=$((SECONDS + 150))
until [ -f "$data/development-token" ] && curl -sf -o /dev/null "http://127.0.0.1:$front/delivery/v1/sections"; do
  kill -0 "$service" 2>/dev/null || { cat "$work/service.log"; echo "the service ended"; exit 1; }
  [ "$SECONDS" -lt "$limit" ] || { tail -n 50 "$work"/*.log; echo "nothing through Varnish within 150 s"; exit 1; }
  sleep 0.2
done
timeout 200 node tests/varnish/check.mjs "http://127.0.0.1:$port" "http://127.0.0.1:$front" "$(cat "$data/development-token")" "$stub" "http://127.0.0.1:$stub_front" ||
  { tail -n 30 "$work"/*.log; exit 1; }
