#!/usr/bin/env bash
# usage: tests/long/simulate.sh [--write] [RUNS [SEED]]
# The simulations behind docs/statistics.md: 10,000 runs a cell, three minutes of a processor. Fails when a promise is broken. --write puts the tables
# into that document.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

is_write=0
if [[ ${1:-} == --write ]]; then
    is_write=1
    shift
fi
[[ -f build/build.ninja ]] || meson setup build --buildtype=release >&2
ninja -C build tests/stats/simulate >&2
if ((!is_write)); then
    exec build/tests/stats/simulate "${1:-10000}" "${@:2}"
fi
tables=$(build/tests/stats/simulate "${1:-10000}" "${@:2}")
written=$(mktemp)
trap 'rm -f "$written"' EXIT
{
    sed '/^<!-- simulated/q' docs/statistics.md
    printf '\n%s\n' "$tables"
} >"$written"
cat "$written" >docs/statistics.md
