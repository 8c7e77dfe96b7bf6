#!/usr/bin/env bash
# usage: tests/long/recording.sh [TEST...]
# Recording on Opper at length: 200 kill -9 of a run and its delivery, 130 pending invocations pushed, 10,000 samples against every fault. Afterwards what the
# server holds is what the store says, nothing missing and nothing doubled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v python3 >/dev/null || { echo 'python3 is not here' && exit 77; }
[[ -f build/build.ninja ]] || meson setup build --buildtype=release
ninja -C build assay tests/e2e/test_e2e_recording tests/e2e/test_e2e_push tests/fault/fault_server >&2
(($#)) || set -- kills 'push all' 'every fault'
export ASSAY_FAULT_SERVER=$PWD/build/tests/fault/fault_server
for name in "$@"; do
    file=recording
    [[ $name != push* ]] || file=push
    timeout --kill-after=10 3600 build/tests/e2e/test_e2e_$file build/assay "$PWD" --long "$name" ||
        { (($? != 124)) || echo "$name: not done in an hour"; exit 1; }
done
