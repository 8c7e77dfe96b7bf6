#!/usr/bin/env bash
# assay prune killed 100 times at random while another process writes: every run that can be seen is whole, the baseline is there, and what is half
# gone is gone after the next prune.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[[ -f build/build.ninja ]] || meson setup build --buildtype=release
ninja -C build assay tests/e2e/test_e2e_prune >&2
ASSAY_KILLS=100 exec build/tests/e2e/test_e2e_prune build/assay .
