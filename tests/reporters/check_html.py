"""The report html, full of hostile content, as an HTML parser and as Chromium see it. usage: check_html.py REPORT_CAT

The same report with harmless content has the same elements: content never becomes markup."""

import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
VOID = {"meta", "br", "wbr", "input"}
failures = 0


def check(what, ok):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what)


def report(runs, *more):
    done = subprocess.run([PROGRAM, "html", str(runs), *more], stdout=subprocess.PIPE, check=True)
    return done.stdout


class Skeleton(html.parser.HTMLParser):
    """Elements and names of attributes, in order; values only where they are this program's own."""

    OWN = {"class", "type", "role", "scope", "dir", "open", "hidden", "data-r"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.seen, self.open, self.text, self.data, self.in_data = [], [], [], "", False

    def handle_starttag(self, tag, attributes):
        names = [(k, v if k in self.OWN else None) for k, v in attributes]
        self.seen.append((tag, names))
        for name, value in attributes:
            check("no handler: %s of %s" % (name, tag), not name.startswith("on") and name != "style")
            check("no address: %s of %s" % (name, tag), name not in ("href", "src", "action", "xlink:href"))
        if tag not in VOID:
            self.open.append(tag)
        self.in_data = dict(attributes).get("id") == "assay"

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, [(k, v if k in self.OWN else None) for k, v in attributes]))

    def handle_endtag(self, tag):
        check("closed in order: " + tag, self.open != [] and self.open.pop() == tag)
        self.in_data = False

    def handle_data(self, data):
        if self.in_data:
            self.data += data
        else:
            self.text.append(data)

    def handle_comment(self, data):
        check("no comment", False)


def skeleton(text):
    parser = Skeleton()
    parser.feed(text)
    parser.close()
    check("all is closed", parser.open == [] or parser.open == ["html"])
    return parser


def check_parser():
    for runs in (1, 2):
        raw = report(runs)
        text = raw.decode("utf-8")
        evil, harmless = skeleton(text), skeleton(report(runs, "harmless").decode())
        check("the same elements, %d runs" % runs, evil.seen == harmless.seen)
        document = json.loads(evil.data)
        check("data: verdict", document["verdict"] == "failed" and len(document["runs"]) == runs)
        check("data: nothing that ends it", "<" not in evil.data)
        words = "".join(evil.text)
        shown = set(words)
        check("no control characters", not any(ord(c) < 32 and c not in "\n\t" for c in shown))
        check("nothing that turns text around", not shown & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
        check("they are shown", "\\x1b[31mred" in words and "\\xff\\xfe invalid" in words and "\\u202e evil" in words)
        check("markup is text", "<img src=x onerror=alert(1)>" in words and "</title></script><b>" in words)
        check("a long line is cut, with its length", "of 1048576 bytes are shown" in words)
        check("of a size that opens", len(raw) < 4 << 20)
        policy = dict(next(a for t, a in everything(text, "meta") if ("http-equiv", "Content-Security-Policy") in a))
        check("policy", policy["content"].startswith("default-src 'none'; "))
        check("no network", not re.search(r'(src|href|url\()\s*=?\s*["\']?(https?:)?//', text.split("<main>")[0]))


def everything(text, name):
    class Finder(html.parser.HTMLParser):
        def __init__(self):
            super().__init__()
            self.found = []

        def handle_starttag(self, tag, attributes):
            if tag == name:
                self.found.append((tag, attributes))

    finder = Finder()
    finder.feed(text)
    return finder.found


def check_chromium(chromium):
    """Its own parser, with the script run: the same skeleton again, and nothing on the console."""
    with tempfile.TemporaryDirectory() as folder:
        seen = []
        for more in ((), ("harmless",)):
            page = os.path.join(folder, "page.html")
            with open(page, "wb") as out:
                out.write(report(2, *more))
            done = subprocess.run(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder + "/profile",
                 "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--dump-dom", "file://" + page],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=110)
            console = [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
            check("nothing on the console: %s" % console[:3], console == [])
            dom = done.stdout.decode("utf-8")
            check("chromium gave a page", done.returncode == 0 and "</html>" in dom)
            check("the script ran", 'class="tools"' in dom)
            # which tags there are to choose from is content's doing
            seen.append([entry for entry in skeleton(dom).seen if entry[0] != "option"])
        check("chromium: the same elements", seen[0] == seen[1])


check_parser()
found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if found:
    check_chromium(found)
else:
    print("no chromium here: not asked (./dev test --long installs it)")
print("failed" if failures else "ok")
sys.exit(1 if failures else 0)
