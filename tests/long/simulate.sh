#!/usr/bin/env bash
# usage: tests/long/simulate.sh [RUNS [SEED]]
# The simulations behind docs/statistics.md: 10,000 runs a cell, three minutes of a processor; docs/simulated.md is its output. Fails when a promise is
# broken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[[ -f build/build.ninja ]] || meson setup build --buildtype=release >&2
ninja -C build tests/stats/simulate >&2
exec build/tests/stats/simulate "${1:-10000}" "${@:2}"
