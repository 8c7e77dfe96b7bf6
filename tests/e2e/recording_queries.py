#!/usr/bin/env python3
"""Runs every query of docs/recording.md on a store that the program has just written: each has to work, and to find something.

usage: recording_queries.py ASSAY docs/recording.md
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import sqlite3
except ImportError:
    print("this Python has no sqlite3")
    sys.exit(77)

SUITE = """
suite: questions
target:
  command: [sh, -c, 'case "$ASSAY_CASE.$ASSAY_TRIAL" in crash.*) exit 3 ;; flaky.1) echo 5 ;; *) echo "$ANSWER" ;; esac']
variants:
  - {name: low, env: {ANSWER: "4"}}
  - {name: high, env: {ANSWER: "5"}}
trials: 2
allow_errors: 10
cases:
  - {id: four, input: "2+2", expected: 4, tags: [even]}
  - {id: five, input: "2+3", expected: 5, tags: [odd, prime]}
  - {id: flaky, input: "1+3", expected: 4}
  - {id: crash, input: "0/0", expected: 0}
scorers:
  - numeric: {expected: "{{expected}}", dimension: answer}
gates:
  - answer.pass_rate >= 10%
"""


def main(assay, page):
    queries = re.findall(r"^```sql\n(.*?)^```$", Path(page).read_text(), re.S | re.M)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        suite, db = Path(folder, "suite.yaml"), Path(folder, "assay.db")
        suite.write_text(SUITE)
        run = subprocess.run([assay, "run", suite, "--db", db, "--quiet", "--label", "branch=main"], cwd=folder, timeout=60,
                             capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"assay run: exit {run.returncode}\n{run.stdout}{run.stderr}")
        store = sqlite3.connect(db)
        for query in queries:
            try:
                rows = store.execute(query).fetchall()
                fault = "" if rows and all(any(v is not None for v in row) for row in rows) else "it finds nothing"
            except sqlite3.Error as error:
                fault = str(error)
            if fault:
                failed += 1
                print(f"{fault}:\n{query}")
    print(f"{len(queries) - failed} passed, {failed} failed")
    return 1 if failed or not queries else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2]))
