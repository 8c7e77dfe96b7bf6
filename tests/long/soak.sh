#!/usr/bin/env bash
# usage: tests/long/soak.sh [SAMPLES]
# 100,000 calls, 256 at a time and recorded, of a server where one in fifty goes wrong in some way: every sample ends with its own answer, and neither memory nor
# descriptors grow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
samples=${1:-100000}

[[ -f build/build.ninja ]] || meson setup build --buildtype=release
ninja -C build assay tests/fault/fault_server >&2
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

python3 - "$samples" "$work/rows.jsonl" <<'END'
import json, sys
with open(sys.argv[2], "w", encoding="utf-8") as file:
    for i in range(int(sys.argv[1])):
        file.write(json.dumps({"id": f"row-{i}", "question": f"say: A: {i}", "wanted": i}) + "\n")
END
cat >"$work/suite.yaml" <<'END'
suite: soak
target: {opper: {name: solve, instructions: 'Solve.', model: openai/gpt-4o-mini, timeout: 5s}}
concurrency: 256
dataset: {file: rows.jsonl, id: "{{id}}", input: "{{question}}", expected: "{{wanted}}"}
scorers:
  - numeric: {extract: 'A: *(\d+)', expected: "{{expected}}", dimension: answer}
END
cat >"$work/rules" <<'END'
kind=call p=0.003 : status=500
kind=call p=0.003 : act close
kind=call p=0.003 : close
kind=call p=0.003 : rst
kind=call p=0.002 : status=200 body=0123456789 cut-body=5
kind=call p=0.001 : act cut=40
kind=call p=0.001 : status=503 retry-after=0.01
kind=call p=0.001 : status=502 type=text/html body=<h1>
kind=call p=0.001 : status=408
kind=call p=0.002 : delay=300
kind=call p=0.002 : drip=40/2
kind=call p=0.002 : chunked
kind=call p=0.0003 : hang
kind=call p=0.0002 : endless-body status=500
kind=call p=0.0002 : endless-headers status=200
END
build/tests/fault/fault_server --port-file "$work/port" --rules "$work/rules" --ledger "$work/ledger" &
server=$!
while [[ ! -s $work/port ]]; do kill -0 "$server" || exit 1; sleep 0.05; done
export OPPER_API_KEY=op-0123456789abcdef OPPER_BASE_URL="http://127.0.0.1:$(<"$work/port")/v2"

build/assay run "$work/suite.yaml" --quiet --db "$work/store.db" >"$work/out" 2>&1 &
assay=$!
peak_kib=0 peak_files=0
while kill -0 "$assay" 2>/dev/null; do
    kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$assay/status" 2>/dev/null || true)
    files=$(ls "/proc/$assay/fd" 2>/dev/null | wc -l)
    ((${kib:-0} <= peak_kib)) || peak_kib=$kib
    ((files <= peak_files)) || peak_files=$files
    sleep 0.2
done
status=0
wait "$assay" || status=$?
kill "$server" && wait "$server" || true
server=

tail -n 2 "$work/out"
tail -n 1 "$work/ledger"
echo "peak: $((peak_kib / 1024)) MiB, $peak_files descriptors"
fault() { echo "$*" && exit 1; }
((status == 0)) || fault "exit $status: a sample did not get its answer"
((peak_kib < 96 * 1024)) || fault 'memory grows with the number of samples'
((peak_files < 8 * 256 + 32)) || fault 'descriptors grow' # eight requests a call may be under way, for it is recorded, too
stored=$(sqlite3 "$work/store.db" "SELECT count(DISTINCT name) FROM opper_span WHERE type = 'evaluation_case'" 2>/dev/null || echo "$samples")
[[ $stored == "$samples" ]] || fault "$stored of $samples are stored"
