#!/usr/bin/env python3
"""What a service holds against what a store says: an oracle that knows nothing of the program that wrote both.

usage: ledger.py LEDGER STORE [--unfinished]

LEDGER is the fault server's (JSON lines). Of every run that has a row in `recording` each span has to be there once and equal, with each of its
metrics once and equal, and nothing else; --unfinished allows spans that were created early and whose sample was never recorded. Prints what is
wrong, and ends with 1; else one line of counts.
"""

import json
import sqlite3
import sys


def read_ledger(path):
    spans = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry["kind"] == "span":
                if entry["id"] in spans:
                    raise SystemExit(f"span {entry['id']} twice in the ledger")
                spans[entry["id"]] = entry
    return spans


def text_of(value):
    """As it travels: bytes that are no UTF-8 become U+FFFD, one for one."""
    if value is None or isinstance(value, (str, int)):
        return value
    return bytes(value).decode("utf-8", errors="replace")


def read_store(path):
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    store.text_factory = bytes
    runs = [row[0] for row in store.execute("SELECT run FROM recording")]
    wanted, metrics = {}, {}
    query = """
        SELECT s.id, s.trace_id, s.parent_id, s.name, s.type, s.start_time, s.end_time, s.input, s.output, s.error, s.score, s.superseded
        FROM opper_span s JOIN run r ON lower(hex(r.id)) = replace(s.trace_id, '-', '') WHERE r.seq IN (SELECT run FROM recording)"""
    for row in store.execute(query):
        row = [text_of(cell) for cell in row]
        wanted[row[0]] = dict(zip(("id", "trace_id", "parent_id", "name", "type", "start_time", "end_time", "input", "output", "error", "score", "superseded"), row))
        metrics[row[0]] = {}
    for span, dimension, value, comment in store.execute("SELECT span_id, dimension, value, comment FROM opper_metric"):
        if text_of(span) in metrics:
            metrics[text_of(span)][text_of(dimension)] = (value, text_of(comment))
    left = store.execute("SELECT count(*) FROM outbox").fetchone()[0]
    return len(runs), wanted, metrics, left


def plain(text):
    """An input is stored as JSON, and recorded as a text: a string without its quotes."""
    if text is None:
        return None
    value = json.loads(text)
    return value if isinstance(value, str) else text


def differences(want, got):
    for key in ("trace_id", "parent_id", "name", "type", "start_time", "end_time", "error", "score"):
        if want[key] != got[key]:
            yield f"{key}: {want[key]!r} here, {got[key]!r} there"
    if want["type"] == "evaluation_case":
        if plain(want["input"]) != got["input"]:
            yield f"input: {want['input']!r} here, {got['input']!r} there"
        meta = got["meta"]["assay"]
        if bool(want["superseded"]) != bool(meta.get("superseded")):
            yield "superseded"
    elif want["input"] != got["input"]:
        yield f"input: {want['input']!r} here, {got['input']!r} there"
    if want["output"] != got["output"]:
        yield f"output: {str(want['output'])[:200]!r} here, {str(got['output'])[:200]!r} there"


def main():
    ledger, store = sys.argv[1:3]
    there = read_ledger(ledger)
    run_count, wanted, metrics, left = read_store(store)
    faults = [f"{left} rows are left in the outbox"] if left else []
    metric_count = 0
    for span, want in wanted.items():
        got = there.pop(span, None)
        if got is None:
            faults.append(f"missing: span {span} '{want['name']}'")
            continue
        faults += [f"span '{want['name']}': {difference}" for difference in differences(want, got)]
        seen = {}
        for metric in got["metrics"]:
            if metric["dimension"] in seen:
                faults.append(f"doubled: span '{want['name']}', metric {metric['dimension']}")
            seen[metric["dimension"]] = (metric["value"], metric["comment"])
        for dimension, (value, comment) in metrics[span].items():
            metric_count += 1
            if dimension not in seen:
                faults.append(f"missing: span '{want['name']}', metric {dimension}")
            elif seen[dimension] != (value, comment):
                faults.append(f"span '{want['name']}', metric {dimension}: {(value, comment)!r} here, {seen[dimension]!r} there")
        for dimension in seen.keys() - metrics[span].keys():
            faults.append(f"span '{want['name']}': metric {dimension} is not ours")
    for span, got in there.items():
        is_early = got["type"] == "evaluation_case" and got["end_time"] is None and not got["metrics"]
        if not (is_early and "--unfinished" in sys.argv) and got["type"] in ("evaluation_case", "evaluation_run"):
            faults.append(f"not ours: span '{got['name']}'")
    for fault in faults[:20]:
        print(fault)
    if faults:
        print(f"{len(faults)} faults")
        return 1
    print(f"equal: {run_count} runs, {len(wanted)} spans, {metric_count} metrics")
    return 0


sys.exit(main())
