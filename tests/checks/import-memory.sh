#!/usr/bin/env bash
# A list of 1,000,000 readers goes in, and out again, while the service's process stays within 256 MB: its peak is the kernel's own count (VmHWM).
# PostgreSQL is a process of its own and does not count.
set -euo pipefail
cd "$(dirname "$0")/../.."
lines=${1:-1000000}
most_kib=$((256 * 1000 * 1000 / 1024))
. tests/checks/lib.sh
published
port=$(free_port)
address=http://localhost:$port
unset ConnectionStrings__Cms
export ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS=$address Cms__DataFolder=$data Cms__Limits__RequestsPerMinute=1000000
start() { cd "$app" && exec dotnet Cms.Api.dll; }

# A first start in Development makes the database. It is killed, which its PostgreSQL outlives, and the service that is measured starts as it does in production.
run "$work/log" 300 "$address/health/ready" start
token=$(token "$work/log")
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
export ASPNETCORE_ENVIRONMENT=Production Cms__PublicUrl=https://cms.example.org Cms__SuppressionKey
Cms__SuppressionKey=$(head -c 64 /dev/urandom | base64 -w 0)
export ConnectionStrings__Cms="Host=$data/postgres/cluster;Username=cms;Password=$(cat "$data/postgres.password");Database=cms"
run "$work/log" 300 "$address/health/ready" start

awk -v n="$lines" 'BEGIN { print "email,name,language,consentAt"; for (i = 1; i <= n; i++) printf "reader.%d@example.org,\"Reader, number %d\",fr,2024-05-01T08:00:00Z\n", i, i }' >"$work/list.csv"
peak() { awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status"; }
before=$(peak)

begun=$SECONDS
answer=$(curl -sf -H "Authorization: Bearer $token" -H 'Content-Type: text/csv' -T "$work/list.csv" -X POST "$address/management/v1/imports?consentSource=check&textVersion=1")
taken=$((SECONDS - begun))
id=$(node -p 'JSON.parse(process.argv[1]).id' "$answer")
while :; do
  import=$(curl -sf -H "Authorization: Bearer $token" "$address/management/v1/imports/$id")
  case $(node -p 'JSON.parse(process.argv[1]).status' "$import") in
    done) break ;;
    failed) echo "$import"; exit 1 ;;
  esac
  [ $((SECONDS - begun)) -lt 1200 ] || { echo "not done within 1,200 s: $import"; exit 1; }
  sleep 1
done
worked=$((SECONDS - begun))
imported=$(peak)
[ "$(node -p 'JSON.parse(process.argv[1]).added' "$import")" = "$lines" ] || { echo "not all were added: $import"; exit 1; }

begun=$SECONDS
exported=$(curl -sf -H "Authorization: Bearer $token" "$address/management/v1/subscribers/export" | grep -c '^reader\.' || true)
[ "$exported" = "$lines" ] || { echo "$exported of $lines were exported"; exit 1; }
last=$(peak)
echo "import of $lines lines ($(du -m "$work/list.csv" | cut -f1) MB): taken in $taken s, done after $worked s; export in $((SECONDS - begun)) s"
echo "peak of the process: $before KiB before, $imported KiB after the import, $last KiB after the export; allowed $most_kib"
[ "$last" -le "$most_kib" ] || { echo "more than 256 MB"; exit 1; }
