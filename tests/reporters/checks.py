"""What the checks of reports share: the program that writes them, a count of what failed, and skeletons of Markdown and HTML."""

import html.parser
import os
import re
import subprocess
import sys

PROGRAM = sys.argv[1]
SAMPLES = 19  # of a report, one a hostile text (report.c): in turn passed, failed, errored
failures = []


def check(what, ok):
    if not ok:
        failures.append(what)
        print("FAILED:", what)


def report(form, runs=1, *more):
    done = subprocess.run([PROGRAM, form, str(runs), *more], stdout=subprocess.PIPE, check=True)
    return done.stdout


def finish():
    print("failed" if failures else "ok")
    sys.exit(1 if failures else 0)


def dump(chromium, folder, page):
    """The page as Chromium has it, its script run; nothing may be on the console."""
    path = os.path.join(folder, "page.html")
    with open(path, "wb") as out:
        out.write(page)
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder + "/profile",
         "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--dump-dom", "file://" + path],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=110)
    console = [line for line in done.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
    check("nothing on the console: %s" % console[:3], console == [])
    dom = done.stdout.decode("utf-8")
    check("chromium gave a page", done.returncode == 0 and "</html>" in dom)
    return dom


def outside_code(text):
    """What is left without fenced blocks, code spans and code elements: only our own words."""
    left, fence = [], None
    for line in text.split("\n"):
        opened = re.match(r"(`{3,})text$", line)
        if fence is None and opened:
            fence = opened.group(1)
        elif fence is not None and line == fence:
            fence = None
        elif fence is None:
            line = re.sub(r"<code>([^<>]|<wbr>)*</code>", "", line)
            line = re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", line)
            left.append(line)
    check("every fence is closed", fence is None)
    return "\n".join(left)


class Skeleton(html.parser.HTMLParser):
    """Elements and names of attributes, in order; values only where they are our own. Texts beside them."""

    OWN = {"class", "type", "role", "scope", "dir", "open", "hidden", "data-r", "align"}
    VOID = {"meta", "br", "wbr", "input", "hr", "img"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.seen, self.open, self.texts, self.attributes = [], [], [], []
        self.feed(text)
        self.close()
        check("all is closed: %s" % self.open, self.open in ([], ["html"]))

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, [(name, value if name in self.OWN else None) for name, value in attributes]))
        self.attributes.append((tag, dict(attributes)))
        for name, value in attributes:
            check("no handler: %s of %s" % (name, tag), not name.startswith("on") and name != "style")
            check("no address: %s of %s" % (name, tag), name not in ("href", "src", "action", "xlink:href") or
                  re.fullmatch(r"#[a-z]+-[0-9]+", value))

    def handle_endtag(self, tag):
        check("closed in order: " + tag, self.open != [] and self.open.pop() == tag)

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", self.attributes[-1][1] if self.attributes else {}, data))

    def handle_comment(self, data):
        check("no comment: " + data[:40], False)
