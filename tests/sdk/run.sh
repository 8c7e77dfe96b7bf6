#!/usr/bin/env bash
# usage: tests/sdk/run.sh ASSAY
# Opper's official SDK against `assay serve`; skipped where Node or the SDK is not here (./dev test installs both).
set -euo pipefail
folder=$(dirname "${BASH_SOURCE[0]}")

command -v node >/dev/null || { echo 'node is not here' && exit 77; }
[[ -d $folder/node_modules/opperai ]] || { echo 'the SDK is not here: npm ci in tests/sdk' && exit 77; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
node "$folder/run.js" "$1" >"$log" 2>&1 || status=$?
((status == 0)) || cat "$log"
sed -n -e 's/^# pass //p' -e 's/^# fail //p' "$log" | paste -sd ' ' | sed 's/\(.*\) \(.*\)/\1 passed, \2 failed/'
exit "$status"
