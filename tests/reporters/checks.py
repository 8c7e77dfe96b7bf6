"""What the checks of reports share: the program that writes them, a count of what failed, and skeletons of HTML."""

import html.parser
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
        for name, _ in attributes:
            check("no handler: %s of %s" % (name, tag), not name.startswith("on") and name != "style")
            check("no address: %s of %s" % (name, tag), name not in ("href", "src", "action", "xlink:href"))

    def handle_endtag(self, tag):
        check("closed in order: " + tag, self.open != [] and self.open.pop() == tag)

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", self.attributes[-1][1] if self.attributes else {}, data))

    def handle_comment(self, data):
        check("no comment: " + data[:40], False)
