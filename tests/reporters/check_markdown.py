"""The report markdown, full of hostile content, by its own structure and as GitHub's parser sees it. usage: check_markdown.py REPORT_CAT

The same report with harmless content has the same structure: content never becomes markup."""

import shutil
import subprocess

from checks import Skeleton, check, finish, outside_code, report

NEEDLES = ("@octocat", "#1", "https://example.com", "www.example.com", "a@example.com", "<img", "<b>", "</details>", "$x$", ":smile:")


def check_structure():
    for runs in (1, 2):
        text = report("markdown", runs).decode("utf-8")
        own, harmless = outside_code(text), outside_code(report("markdown", runs, "harmless").decode())
        check("verdict first", text.startswith("### ❌ failed (exit 1): "))
        check("the same structure, %d runs" % runs, own == harmless)
        check("a comment has room for it", len(text) <= 65536)
        check("folds are closed", own.count("<details>") == own.count("</details>") >= 2)
        check("no backtick is left", "`" not in own)
        for needle in NEEDLES:
            check("not as markup: " + needle, needle not in own.replace("</details>", "") or needle == "</details>")
        check("no control characters", not any(ord(c) < 32 and c != "\n" for c in text.replace("\t", "")))
        for line in own.split("\n"):
            check("cells: " + line, not line.startswith("|") or line.count("|") in (6, 8))


def check_cmark(cmark):
    """GitHub's own parser, as lax as it gets: raw HTML is let through, addresses become links."""
    seen = []
    for more in ((), ("harmless",)):
        for runs in (1, 2):
            done = subprocess.run(
                [cmark, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist"],
                input=report("markdown", runs, *more), stdout=subprocess.PIPE, check=True)
            page = Skeleton(done.stdout.decode("utf-8"))
            seen.append([entry for entry in page.seen if entry[0] != "wbr"])  # stands behind each @ in a code element
            for tag, _, words in page.texts:
                check("in code: " + words[:60], tag == "code" or not any(needle in words for needle in NEEDLES))
    check("cmark-gfm: the same elements", seen[0] == seen[2] and seen[1] == seen[3])


check_structure()
found = shutil.which("cmark-gfm")
if found:
    check_cmark(found)
else:
    print("no cmark-gfm here: not asked (./dev test --long installs it)")
finish()
