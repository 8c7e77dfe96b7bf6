#!/usr/bin/env bash
# Every unit test once under valgrind: leaks and uninitialised reads, which the sanitizers do not see.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v valgrind >/dev/null || { echo 'valgrind is not here' && exit 77; }
[[ -f build-valgrind/build.ninja ]] || meson setup build-valgrind --buildtype=debug
ninja -C build-valgrind
# Whole-program tests and corpora run too many processes for this; their programs' parts are all in the unit tests.
meson test -C build-valgrind --no-rebuild --print-errorlogs -t 20 --no-suite e2e --no-suite fuzz \
    --wrapper 'valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=86 --trace-children=no --suppressions='"$PWD"'/tests/long/valgrind.supp'
