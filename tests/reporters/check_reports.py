"""Machine-readable reports, full of hostile content, against parsers that are not ours. usage: check_reports.py REPORT_CAT"""

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from checks import SAMPLES, check, finish, report

ALL_BYTES = bytes(range(256)) * 2
MEGABYTE = b"x" * (1 << 20)
INVALID = b"\xff\xfe invalid \xc3( \xed\xa0\x80 \xf4\x90\x80\x80"
PASSED, FAILED, ERRORED = (len(range(i, SAMPLES, 3)) for i in range(3))
SKIPPED = 7


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
    check(where + ": samples", len(samples) == SAMPLES)
    check(where + ": all bytes come back", ALL_BYTES in outputs)
    check(where + ": a line of 1 MB comes back", MEGABYTE in outputs)
    check(where + ": invalid UTF-8 comes back", INVALID in outputs)
    check(where + ": an empty output is one", b"" in outputs)
    check(where + ": text that looks like our own wrapping is text", '{"base64": "eA=="}' in [s["output"] for s in samples])
    check(where + ": in plan order", [s["ordinal"] for s in samples] == list(range(SAMPLES)))
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
            check("json: gates", len(run["summary"]["gates"]) == 5)
            check("json: dimensions", run["summary"]["dimensions"][0]["pass_rate"] == 5 / 9)
            check_samples("json", run["samples"])


def check_jsonl():
    text = report("jsonl", 2)
    check("jsonl: the same again", text == report("jsonl", 2))
    lines = text.split(b"\n")
    check("jsonl: ends with a line end", lines.pop() == b"")
    check("jsonl: two blocks", len(lines) == 2 * (SAMPLES + 2))
    for block in (lines[:SAMPLES + 2], lines[SAMPLES + 2:]):
        parsed = [strict(line) for line in block]
        check("jsonl: kinds", [p["kind"] for p in parsed] == ["run"] + ["sample"] * SAMPLES + ["end"])
        check("jsonl: format", parsed[0]["format"] == 1)
        check("jsonl: plan", parsed[0]["recorded"]["plan"]["files"] == {"files": []})
        check("jsonl: options", parsed[0]["recorded"]["invocation"]["options"] == {"tag": ["x"]})
        check("jsonl: summary", len(parsed[0]["summary"]["skipped_cases"]) == 7)
        check("jsonl: count", parsed[-1]["samples"] == SAMPLES)
        digest = hashlib.sha256(b"".join(line + b"\n" for line in block[:-1])).hexdigest()
        check("jsonl: digest", parsed[-1]["sha256"] == digest)
        check_samples("jsonl", parsed[1:-1])


def check_counts(suite):
    cases = suite.findall("testcase")
    check("junit: tests", len(cases) == int(suite.attrib["tests"]))
    for name, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        check("junit: " + attribute, len(suite.findall("testcase/" + name)) == int(suite.attrib[attribute]))
    check("junit: names are there", all(c.attrib["name"] for c in cases))


def check_junit():
    text = report("junit", 2)
    root = ElementTree.fromstring(text)
    *suites, gates = root.findall("testsuite")
    check("junit: root", root.tag == "testsuites" and root.attrib["tests"] == str(2 * (SAMPLES + SKIPPED) + 2 * 6))
    check("junit: suites", len(suites) == 2)
    for suite in suites:
        check_counts(suite)
        check("junit: cases", len(suite.findall("testcase")) == SAMPLES + SKIPPED)
        check("junit: counts", [int(suite.attrib[a]) for a in ("failures", "errors", "skipped")] == [FAILED, ERRORED, SKIPPED])
        check("junit: no other elements", {e.tag for e in suite.iter()} == {
            "testsuite", "testcase", "properties", "property", "failure", "error", "skipped"})
        names = [p.attrib["name"] for p in suite.findall("properties/property")]
        check("junit: dimensions", "answer.pass_rate" in names and "latency_ms.mean" in names)
        check("junit: nothing that turns text around", "\u202e" not in "".join(suite.itertext()))
    check_counts(gates)
    check("junit: gates", gates.attrib["name"] == "gates" and len(gates.findall("testcase")) == 2 * (1 + 5))
    check("junit: the verdict, and one gate", len(gates.findall("testcase/failure")) == 2 * 2)
    check("junit: not judged", [c.attrib["name"] for c in gates if c.find("skipped") is not None] == ["answer.pass_rate[tag=x] >= 1%"] * 2)
    check("junit: cannot tell", [o.text[:13] for o in gates.findall("testcase/system-out")][1::3] == ["cannot tell: "] * 2)
    check("junit: the class is the run", {c.attrib["classname"] for c in gates} == {s.attrib["name"] for s in suites})
    check("junit: control characters are shown", any("\\x1b[31m" in c.attrib["name"] for c in root.iter("testcase")))
    check("junit: long texts are cut", len(text) < 4 << 20)
    check("junit: line ends of an attribute stay", any("\n" in c.attrib["message"] for c in root.iter("skipped")))


def visible(text):
    """As reports show bytes: nothing that could act, everything that was there."""
    shown = []
    for c in text.decode("utf-8", "surrogateescape"):
        point = ord(c)
        if 0xDC80 <= point <= 0xDCFF:
            shown.append("\\x%02x" % (point - 0xDC00))
        elif point < 0x20 and c not in "\t\n\r" or point == 0x7F:
            shown.append("\\x%02x" % point)
        elif 0x80 <= point < 0xA0 or 0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069 or point in (0x2028, 0x2029):
            shown.append("\\u%04x" % point)
        else:
            shown.append(c)
    return "".join(shown)


def formula(text):
    return text[:1] in tuple("=+-@\t\r\n＝＋－＠") and text != ""


def check_csv():
    text = report("csv", 2)
    rows = list(csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True))
    names = rows[0]
    records = [dict(zip(names, row)) for row in rows[1:]]
    check("csv: records end with CRLF", text.endswith(b"\r\n"))
    check("csv: columns", len(names) == len(set(names)) and {len(row) for row in rows} == {len(names)})
    check("csv: rows", len(records) == 2 * (SAMPLES + SKIPPED))
    check("csv: results", [r["result"] for r in records[:3]] == ["pass", "fail", "errored"])
    check("csv: skipped", [r["result"] for r in records].count("skipped") == 2 * SKIPPED)
    check("csv: numbers stay numbers", all(float(r["latency_ms.value"]) >= 0 for r in records if r["latency_ms.value"]))
    check("csv: no number of what was not scored", not any(r["a_dimension_with_a_long_name.value"] for r in records))
    for name in names:
        cells = [r[name] for r in records]
        check("csv: no formula in " + name, not any(formula(cell) for cell in cells))
        check("csv: nothing hidden in " + name, all(visible(cell.encode()) == cell for cell in cells))
        check("csv: a spreadsheet takes " + name, all(len(cell) < 32767 for cell in cells))
    outputs = [raw(s["output"]) for s in strict(report("json", 1))["runs"][0]["samples"]]
    for record, output in zip(records, outputs):
        want = visible(output)
        want = "'" + want if formula(want) else want
        if len(want) < 30000:
            check("csv: the output is there: " + repr(output[:30]), record["output"] == want)
        else:
            check("csv: cut, with its length", record["output"].endswith("(cut; %d bytes in all)" % len(output)))


def unescape(text, is_property):
    if is_property:
        text = text.replace("%3A", ":").replace("%2C", ",")
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def check_github():
    """As the runner reads a log: '::' after blanks at a line's start, '##[' anywhere."""
    for runs in (1, 2):
        text = report("github", runs).decode("utf-8")
        lines = text.split("\n")
        check("github: ends with a line end", lines.pop() == "")
        check("github: nothing of the older form", not re.search(r"##[a-z]*\[", text))
        check("github: no control characters", not any(ord(c) < 32 and c != "\t" for line in lines for c in line))
        kinds = []
        for line in lines:
            parts = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
            check("github: an annotation: " + line[:60], parts is not None)
            if parts is None:
                continue
            kinds.append(parts.group(1))
            properties = dict(pair.split("=", 1) for pair in parts.group(2).split(","))
            check("github: properties", set(properties) <= {"file", "line", "title"} and "title" in properties)
            check("github: message", parts.group(3) != "" and len(parts.group(3)) < 8000)
        check("github: ten of a kind", all(kinds.count(kind) <= 10 for kind in set(kinds)))
        rest = [line for line in lines if "::and " in line]
        check("github: the rest is counted", bool(rest) == (runs == 2))
        words = unescape(text, False)
        check("github: what was said is there", "::error file=x::y\n\\x3a:add-mask::z" in words)


def check_terminal():
    for runs in (1, 2):
        text = report("terminal", runs).decode("utf-8")
        check("terminal: no control characters", not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in text))
        check("terminal: no command of a CI system", not re.search(r"^\s*::|##[a-z]*\[", text, re.M))


def check_others():
    """Second parsers, where they are."""
    if shutil.which("jq"):
        done = subprocess.run(["jq", "-e", ".runs | length == 2"], input=report("json", 2), stdout=subprocess.DEVNULL)
        check("jq reads json", done.returncode == 0)
        done = subprocess.run(["jq", "-c", ".kind"], input=report("jsonl", 2), stdout=subprocess.PIPE)
        check("jq reads jsonl", done.stdout.count(b"\n") == 2 * (SAMPLES + 2))
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
check_csv()
check_github()
check_terminal()
check_others()
finish()
