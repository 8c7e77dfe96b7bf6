"""Machine-readable reports, full of hostile content, against parsers that are not ours. usage: check_reports.py REPORT_CAT"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

PROGRAM = sys.argv[1]
ALL_BYTES = bytes(range(256)) * 2
MEGABYTE = b"x" * (1 << 20)
INVALID = b"\xff\xfe invalid \xc3( \xed\xa0\x80 \xf4\x90\x80\x80"
failures = 0


def check(what, ok):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what)


def report(form, runs=1):
    done = subprocess.run([PROGRAM, form, str(runs)], stdout=subprocess.PIPE, check=True)
    return done.stdout


def strict(text):
    """json.loads, but NaN and repeated keys are errors."""

    def no_constant(name):
        raise ValueError(name)

    def no_repeats(pairs):
        keys = [k for k, _ in pairs]
        assert len(keys) == len(set(keys)), keys
        return dict(pairs)

    return json.loads(text, parse_constant=no_constant, object_pairs_hook=no_repeats)


def raw(value):
    """The bytes that stood in the record."""
    if isinstance(value, dict):
        return base64.b64decode(value["base64"], validate=True)
    return value.encode()


def check_samples(where, samples):
    outputs = [raw(s["output"]) for s in samples]
    check(where + ": samples", len(samples) == 14)
    check(where + ": all bytes come back", ALL_BYTES in outputs)
    check(where + ": a line of 1 MB comes back", MEGABYTE in outputs)
    check(where + ": invalid UTF-8 comes back", INVALID in outputs)
    check(where + ": an empty output is one", b"" in outputs)
    check(where + ": text that looks like our own wrapping is text", '{"base64": "eA=="}' in [s["output"] for s in samples])
    check(where + ": in plan order", [s["ordinal"] for s in samples] == list(range(14)))
    check(where + ": ids", raw(samples[4]["case"]).startswith(b"\x1b[31m"))
    for s in samples:
        errored = s["state"] == "errored"
        check(where + ": an error has its kind", ("error" in s) == errored)
        check(where + ": no pass of an error", (s["pass"] is None) == errored)
        check(where + ": no scores of an error", (not s["scores"]) == errored)
        check(where + ": expected", ("expected" in s) == (s["ordinal"] % 2 == 0))
        check(where + ": digest", s["digest"] == hashlib.sha256(raw(s["output"])).hexdigest())


def check_json():
    for runs in (1, 2):
        text = report("json", runs)
        document = strict(text)
        check("json: one line", text.endswith(b"\n"))
        check("json: verdict", (document["verdict"], document["exit_code"]) == ("failed", 1))
        check("json: runs", len(document["runs"]) == runs)
        for run in document["runs"]:
            check("json: gates", len(run["summary"]["gates"]) == 4)
            check("json: dimensions", run["summary"]["dimensions"][0]["pass_rate"] == 5 / 9)
            check_samples("json", run["samples"])


def check_jsonl():
    text = report("jsonl", 2)
    check("jsonl: the same again", text == report("jsonl", 2))
    lines = text.split(b"\n")
    check("jsonl: ends with a line end", lines.pop() == b"")
    check("jsonl: two blocks", len(lines) == 2 * (14 + 2))
    for block in (lines[:16], lines[16:]):
        parsed = [strict(line) for line in block]
        check("jsonl: kinds", [p["kind"] for p in parsed] == ["run"] + ["sample"] * 14 + ["end"])
        check("jsonl: format", parsed[0]["format"] == 1)
        check("jsonl: plan", parsed[0]["recorded"]["plan"]["files"] == {"files": []})
        check("jsonl: options", parsed[0]["recorded"]["invocation"]["options"] == {"tag": ["x"]})
        check("jsonl: summary", len(parsed[0]["summary"]["skipped_cases"]) == 7)
        check("jsonl: count", parsed[-1]["samples"] == 14)
        digest = hashlib.sha256(b"".join(line + b"\n" for line in block[:-1])).hexdigest()
        check("jsonl: digest", parsed[-1]["sha256"] == digest)
        check_samples("jsonl", parsed[1:-1])


def check_junit():
    text = report("junit", 2)
    root = ElementTree.fromstring(text)
    check("junit: root", root.tag == "testsuites" and root.attrib["tests"] == "42")
    suites = root.findall("testsuite")
    check("junit: suites", len(suites) == 2)
    for suite in suites:
        cases = suite.findall("testcase")
        check("junit: cases", len(cases) == 21 == int(suite.attrib["tests"]))
        check("junit: failures", len(suite.findall("testcase/failure")) == int(suite.attrib["failures"]) == 5)
        check("junit: errors", len(suite.findall("testcase/error")) == int(suite.attrib["errors"]) == 4)
        check("junit: skipped", len(suite.findall("testcase/skipped")) == int(suite.attrib["skipped"]) == 7)
        check("junit: no other elements", {e.tag for e in suite.iter()} == {
            "testsuite", "testcase", "properties", "property", "failure", "error", "skipped"})
        check("junit: names are there", all(c.attrib["name"] for c in cases))
        names = [p.attrib["name"] for p in suite.findall("properties/property")]
        check("junit: dimensions", "answer.pass_rate" in names and "latency_ms.mean" in names)
        check("junit: nothing that turns text around", "\u202e" not in "".join(suite.itertext()))
    check("junit: control characters are shown", any("\\x1b[31m" in c.attrib["name"] for c in root.iter("testcase")))
    check("junit: long texts are cut", len(text) < 4 << 20)
    check("junit: line ends of an attribute stay", any("\n" in c.attrib["message"] for c in root.iter("skipped")))


def check_others():
    """Second parsers, where they are."""
    if shutil.which("jq"):
        done = subprocess.run(["jq", "-e", ".runs | length == 2"], input=report("json", 2), stdout=subprocess.DEVNULL)
        check("jq reads json", done.returncode == 0)
        done = subprocess.run(["jq", "-c", ".kind"], input=report("jsonl", 2), stdout=subprocess.PIPE)
        check("jq reads jsonl", done.stdout.count(b"\n") == 32)
    else:
        print("no jq here: not asked")
    if shutil.which("xmllint"):
        done = subprocess.run(["xmllint", "--noout", "--nonet", "-"], input=report("junit", 2))
        check("xmllint reads junit", done.returncode == 0)
    else:
        print("no xmllint here: not asked")


check_json()
check_jsonl()
check_junit()
check_others()
print("failed" if failures else "ok")
sys.exit(1 if failures else 0)
