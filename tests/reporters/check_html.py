"""The report html, full of hostile content, as an HTML parser and as Chromium see it. usage: check_html.py REPORT_CAT

The same report with harmless content has the same elements: content never becomes markup."""

import json
import re
import shutil
import tempfile

from checks import Skeleton, check, dump, finish, report


def check_parser():
    for runs in (1, 2):
        raw = report("html", runs)
        text = raw.decode("utf-8")
        evil, harmless = Skeleton(text), Skeleton(report("html", runs, "harmless").decode())
        check("the same elements, %d runs" % runs, evil.seen == harmless.seen)
        data = "".join(part for tag, attributes, part in evil.texts if tag == "script" and attributes.get("id") == "assay")
        document = json.loads(data)
        check("data: verdict", document["verdict"] == "failed" and len(document["runs"]) == runs)
        check("data: nothing that ends it", "<" not in data)
        words = "".join(part for tag, _, part in evil.texts if tag not in ("script", "style"))
        shown = set(words)
        check("no control characters", not any(ord(c) < 32 and c not in "\n\t" for c in shown))
        check("nothing that turns text around", not shown & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
        check("they are shown", "\\x1b[31mred" in words and "\\xff\\xfe invalid" in words and "\\u202e evil" in words)
        check("markup is text", "<img src=x onerror=alert(1)>" in words and "</title></script><b>" in words)
        check("a long line is cut, with its length", "of 1048576 bytes are shown" in words)
        check("of a size that opens", len(raw) < 4 << 20)
        policies = [a["content"] for tag, a in evil.attributes if a.get("http-equiv") == "Content-Security-Policy"]
        check("policy", len(policies) == 1 and policies[0].startswith("default-src 'none'; "))
        check("no network", not re.search(r'(src|href|url\()\s*=?\s*["\']?(https?:)?//', text.split("<main>")[0]))


def dump_with_script(chromium, folder, *more):
    dom = dump(chromium, folder, report("html", 2, *more))
    check("the script ran", 'class="tools"' in dom)
    return dom


def check_chromium(chromium):
    """Its own parser, with the script run: the same skeleton again, and nothing on the console."""
    with tempfile.TemporaryDirectory() as folder:
        # which tags there are to choose from is content's doing
        evil, harmless = ([entry for entry in Skeleton(dump_with_script(chromium, folder, *more)).seen if entry[0] != "option"]
                          for more in ((), ("harmless",)))
        check("chromium: the same elements", evil == harmless)


check_parser()
found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if found:
    check_chromium(found)
else:
    print("no chromium here: not asked (./dev test --long installs it)")
finish()
