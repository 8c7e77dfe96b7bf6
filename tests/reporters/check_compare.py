"""Comparisons full of hostile content in every field, as parsers see them that are not ours. usage: check_compare.py COMPARE_CAT

The same with harmless content has the same structure: content never becomes markup."""

import csv
import io
import json
import re
import shutil
import subprocess
import tempfile

from checks import Skeleton, check, dump, finish, outside_code, report

ALL = 0  # a comparison for each hostile text


def check_json():
    raw = report("json", ALL)
    document = json.loads(raw.decode("utf-8"), parse_constant=lambda name: check("no " + name, False))
    check("comparisons", len(document["comparisons"]) == 19 and document["format"] == 1)
    names = [c["suite"] for c in document["comparisons"]]
    check("texts come back", "]]>" in names and "=1+1\t@SUM(A1) -2+3 | ::error::x\n::add-mask::y" in names)
    check("bytes come back", any(isinstance(n, dict) and "base64" in n for n in names))
    for c in document["comparisons"]:
        check("tables", [t["tag"] for t in c["tables"]] == [c["suite"], c["suite"]] and len(c["tables"][0]["stats"]) == 5)
        check("flips", [f["word"] for f in c["runs"][1]["compared"]["flips"]["shown"]] == ["worse", "better"])
    if shutil.which("jq"):
        done = subprocess.run(["jq", "-e", ".comparisons | length == 19"], input=raw, stdout=subprocess.PIPE)
        check("jq reads it", done.stdout == b"true\n")


def check_csv():
    text = report("csv", ALL).decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    check("rows", len(rows) == 1 + 19 * 2 * 5 * 3)
    check("columns", {len(row) for row in rows} == {28})
    check("every record ends so", text.endswith("\r\n") and len(re.findall("\r\n", text)) == len(rows))
    for row in rows[1:]:
        for cell in row:
            number = re.fullmatch(r"-?\d+(\.\d+)?(e[+-]\d+)?", cell)
            check("no formula: " + cell[:40], number or not cell.startswith(tuple("=+-@\t\r＝＋－＠")))
            check("no control characters", not any(ord(c) < 32 and c not in "\n\t\r" for c in cell))


def check_html():
    evil, harmless = (Skeleton(report("html", ALL, *more).decode("utf-8")) for more in ((), ("harmless",)))
    # an empty text has no elements of its own, and neither has its harmless twin
    check("the same elements", evil.seen == harmless.seen)
    words = "".join(part for tag, _, part in evil.texts if tag not in ("script", "style"))
    check("no control characters", not any(ord(c) < 32 and c not in "\n\t" for c in words))
    check("nothing that turns text around", not set(words) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
    check("markup is text", "<img src=x onerror=alert(1)>" in words and "\\x1b[31mred" in words)
    check("one page", [tag for tag, _ in evil.seen].count("main") == 1)


def check_markdown():
    evil, harmless = (report("markdown", ALL, *more).decode("utf-8") for more in ((), ("harmless",)))
    own = outside_code(evil)
    for needle in ("@octocat", "https://example.com", "<img", "<b>", "$x$", ":smile:"):
        check("not as markup: " + needle, needle not in own)
    check("folds are closed", own.count("<details>") == own.count("</details>") > 0)
    check("no backtick is left", "`" not in own)
    check("no control characters", not any(ord(c) < 32 and c not in "\n\t" for c in evil))
    tables = [re.sub(r"^\.\.\. and \d+ more$", "", line) for line in own.split("\n") if line.startswith("|")]
    check("cells", {line.count("|") for line in tables} <= {5, 7, 12})
    for i in range(1, 5):  # flips are left out by length: compare where none are
        one, twin = (outside_code(report("markdown", i, *more).decode("utf-8")) for more in ((), ("harmless",)))
        check("the same structure, %d" % i, one == twin)


def check_cmark(cmark):
    """GitHub's own parser, as lax as it gets."""
    seen = []
    for more in ((), ("harmless",)):
        done = subprocess.run([cmark, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist"],
                              input=report("markdown", 4, *more), stdout=subprocess.PIPE, check=True)
        page = Skeleton(done.stdout.decode("utf-8"))
        seen.append([entry for entry in page.seen if entry[0] != "wbr"])  # stands behind each @ in a code element
    check("cmark-gfm: the same elements", seen[0] == seen[1])
    check("cmark-gfm: tables and folds", {"table", "details", "code", "pre"} <= {tag for tag, _ in seen[0]})


def check_terminal():
    text = report("terminal", ALL).decode("utf-8")
    check("no control characters", not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in text))
    check("nothing that turns text around", not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
    check("no command of a CI system", not re.search(r"^\s*(::|##\[)", text, re.M))


def check_chromium(chromium):
    with tempfile.TemporaryDirectory() as folder:
        evil, harmless = (Skeleton(dump(chromium, folder, report("html", ALL, *more))).seen for more in ((), ("harmless",)))
        check("chromium: the same elements", evil == harmless)


if __name__ == "__main__":
    check_json()
    check_csv()
    check_html()
    check_markdown()
    check_terminal()
    found = shutil.which("cmark-gfm")
    if found:
        check_cmark(found)
    else:
        print("no cmark-gfm here: not asked (./dev test --long installs it)")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        check_chromium(found)
    else:
        print("no chromium here: not asked (./dev test --long installs it)")
    finish()
