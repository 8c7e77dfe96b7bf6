#!/usr/bin/env bash
# usage: tests/long/fuzz.sh [NAME...]
# Every fuzz target (or those named) under libFuzzer for FUZZ_SECONDS each (60), as many at once as there are processors. What it finds is
# left in build-fuzz/found; what it learns in build-fuzz/corpus, for the next time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v clang >/dev/null || { echo 'clang is not here' && exit 77; }
[[ -f build-fuzz/build.ninja ]] || meson setup build-fuzz --native-file tests/clang.ini -Dfuzz=true -Dwerror=true --buildtype=debugoptimized \
    -Db_sanitize=address,undefined -Db_lundef=false
if (($#)); then names=("$@"); else mapfile -t names < <(ls tests/fuzz/corpus); fi
ninja -C build-fuzz "${names[@]/#/tests/fuzz/fuzz_}"
mkdir -p build-fuzz/found

fuzz() {
    local name=$1 log=build-fuzz/$1.log
    mkdir -p "build-fuzz/corpus/$name"
    if "build-fuzz/tests/fuzz/fuzz_$name" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
        -artifact_prefix="build-fuzz/found/$name-" -print_final_stats=1 "build-fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
        >"$log" 2>&1; then
        echo "clean: $name, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
    else
        tail -n 60 "$log"
        echo "FAULT: $name"
        return 1
    fi
}
export -f fuzz
printf '%s\n' "${names[@]}" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I{} bash -c 'fuzz {}'
