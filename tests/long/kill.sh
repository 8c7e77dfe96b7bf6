#!/usr/bin/env bash
# 200 random kill -9, and one at every position of the system calls that change something: nothing announced is lost, nothing is doubled, and
# the resumed run's reports are the undisturbed run's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v strace >/dev/null || { echo 'strace is not here' && exit 77; }
[[ -f build/build.ninja ]] || meson setup build --buildtype=release
ninja -C build assay tests/e2e/test_e2e_kill >&2
exec build/tests/e2e/test_e2e_kill build/assay . --long
