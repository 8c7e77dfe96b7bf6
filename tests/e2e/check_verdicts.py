"""One verdict, wherever it is read: exit code, last line, JSON, JUnit, Markdown, HTML, annotations and the store never differ.
Random runs, always the same ones. usage: check_verdicts.py ASSAY"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ASSAY = os.path.abspath(sys.argv[1])
RUNS = 40
WORDS = {0: "passed", 1: "failed", 3: "errored", 4: "empty"}
SAID = ["errored", "empty", "failed", "passed"]  # the first that a run has is the invocation's; empty: a baseline of other cases
failures = []


def check(what, ok):
    if not ok:
        failures.append(what)
        print("FAILED:", what)


def make_suite(draw):
    """Cases that answer, answer wrongly, or have an error; gates of every form, on figures near what comes out."""
    cases = draw.choice([draw.randint(1, 60), 40])
    right, errs = draw.random(), draw.choice([0, 0, 0.1])
    rows, answers = [], []
    for i in range(cases):
        answer = "none" if draw.random() < errs else i if draw.random() < right else -1
        answers.append("c%d %s" % (i, answer))
        rows.append({"id": "c%d" % i, "in": "question %d" % i, "want": str(i), "tag": "ab"[i % 2]})
    gates = draw.sample([
        "exact.pass_rate >= %d%%" % draw.randint(0, 100),
        "exact.mean > 0.%d" % draw.randint(0, 9),
        "exact.pass_rate >= %d%% with 95%% confidence" % draw.randint(1, 99),
        "exact.pass_rate[tag=a] >= 50%",
        "length_chars.p50 <= %d" % draw.randint(1, 4),
        "no regression of exact.mean beyond 0.%02d" % draw.randint(1, 20),
        "errors <= %d" % draw.randint(0, 3),
        "{gate: 'exact.mean >= 0.9', severity: warn}",
        "cases >= %d" % draw.randint(1, 61),
    ], draw.randint(0, 5))
    allowed = draw.choice(["0", "0", "20%", "50"])
    variants = draw.choice(["", "", "variants: [{name: one}, {name: two}]\n"])
    suite = ("suite: verdicts\n"
             "target: {shell: 'a=$(sed -n \"s/^$ASSAY_CASE //p\" answers.txt); [ \"$a\" != none ] || exit 3; echo \"$a\"'}\n"
             "dataset: {file: rows.jsonl, id: '{{id}}', input: '{{in}}', expected: '{{want}}', tags: ['{{tag}}']}\n"
             "scorers: [exact, length]\n"
             "baseline: [{label: branch=main, missing: skip}]\n"
             "allow_errors: %s\n%s" % (allowed, variants))
    return rows, answers, suite + ("gates:\n" + "".join("  - %s\n" % gate for gate in gates) if gates else "")


def of_junit(text):
    """What the testsuite of gates says: the worst of its verdicts."""
    root = ElementTree.fromstring(text)
    gates = [s for s in root.iter("testsuite") if s.attrib["name"] == "gates"]
    check("junit: one testsuite of gates", len(gates) == 1)
    words = set()
    for case in gates[0].iter("testcase"):
        if case.attrib["name"] == "verdict":
            bad = next(iter(case), None)
            words.add("passed" if bad is None else bad.attrib["type"])
            siblings = [c for c in gates[0].iter("testcase") if c.attrib["classname"] == case.attrib["classname"]]
            failed = [c for c in siblings if c is not case and c.find("failure") is not None]
            check("junit: it failed because a gate did", (bad is not None and bad.tag == "failure") == bool(failed))
    word = next(word for word in SAID if word in words)
    if word == "passed":
        check("junit: no failure where the verdict passed", not any(c.tag in ("failure", "error") for c in root.iter()))
    return word


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as text:
        return text.read()


def check_run(folder, number, draw):
    rows, answers, suite = make_suite(draw)
    with open(os.path.join(folder, "answers.txt"), "w") as out:
        out.write("\n".join(answers) + "\n")
    with open(os.path.join(folder, "rows.jsonl"), "w") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    with open(os.path.join(folder, "suite.yaml"), "w") as out:
        out.write(suite)
    reports = ["json", "junit", "markdown", "html", "github", "jsonl"]
    command = [ASSAY, "run", "suite.yaml", "-q", "--label", "branch=" + draw.choice(["main", "other"])]
    command += [word for form in reports for word in ("--report", "%s=r.%s" % (form, form))]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    name = "run %d (exit %d)" % (number, done.returncode)
    word = WORDS.get(done.returncode)
    check(name + ": a verdict: " + done.stderr[-300:] + suite, word in SAID)
    if word not in SAID:
        return None
    document = json.loads(read(folder, "r.json"))
    check(name + ": last line", done.stdout.rstrip("\n").split("\n")[-1].startswith("%s (exit %d): " % (word, done.returncode)))
    check(name + ": json", (document["verdict"], document["exit_code"]) == (word, done.returncode))
    check(name + ": json, its runs", word in [r["summary"]["verdict"] for r in document["runs"]])
    for run in document["runs"]:
        said = run["summary"]["verdict"]
        fails = any(gate["fails"] for gate in run["summary"]["gates"])
        check(name + ": a gate's say", fails == (said == "failed"))
    check(name + ": junit", of_junit(read(folder, "r.junit")) == word)
    check(name + ": markdown", re.match(r"### \S+ %s \(exit %d\)" % (word, done.returncode), read(folder, "r.markdown")))
    data = re.search(r'<script type="application/json" id="assay">(.*?)</script>', read(folder, "r.html"), re.S).group(1)
    check(name + ": html", (json.loads(data)["verdict"], json.loads(data)["exit_code"]) == (word, done.returncode))
    errors = re.findall(r"^::error [^:]*title=(gate|no verdict)", read(folder, "r.github"), re.M)
    check(name + ": annotations", bool(errors) == (word != "passed"))
    head = json.loads(read(folder, "r.jsonl").split("\n")[0])
    check(name + ": jsonl", head["recorded"]["invocation"]["exit_code"] == done.returncode)
    again = subprocess.run([ASSAY, "report", "latest", "--format", "json"], cwd=folder, stdout=subprocess.PIPE, text=True)
    check(name + ": the store", json.loads(again.stdout)["verdict"] == word)
    return word


def main():
    draw = random.Random(20261)
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, ".assay"))
        for number in range(RUNS):
            seen.append(check_run(folder, number, draw))
    for word in SAID:
        check("%s came out: %d times" % (word, seen.count(word)), seen.count(word) >= 1)
    print("failed" if failures else "ok")
    sys.exit(1 if failures else 0)


main()
