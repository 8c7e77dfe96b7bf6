"""A report of 10,000 cases in a real browser: it opens without a word on the console, sorts and filters, and reads without its script.
usage: check_browser.py ASSAY

Skipped (77) where there is no chromedriver: ./dev test --long installs it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

ASSAY = os.path.abspath(sys.argv[1])
CASES = 10000
failures = []


def check(what, ok):
    if not ok:
        failures.append(what)
        print("FAILED:", what)


class Browser:
    """A session over WebDriver's own HTTP."""

    def __init__(self, driver, chromium, folder, script=True):
        self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = None
        for line in self.process.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                port = found.group(1)
                break
        self.base = "http://127.0.0.1:%s/session" % port
        preferences = {} if script else {"profile.managed_default_content_settings.javascript": 2}
        options = {"binary": chromium, "prefs": preferences, "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,900", "--user-data-dir=" + folder]}
        made = self.call("", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += "/" + made["sessionId"]

    def call(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=200) as reply:
            return json.load(reply)["value"]

    def run(self, script, *arguments):
        return self.call("/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        element = self.call("/element", {"using": "css selector", "value": selector})
        return next(iter(element.values()))

    def click(self, selector):
        self.call("/element/%s/click" % self.find(selector), {})

    def type(self, selector, text):
        self.call("/element/%s/value" % self.find(selector), {"text": text})

    def wait(self, script, want):
        got = self.call("/execute/async", {"args": [want], "script": """
            var want = arguments[0], done = arguments[1], tries = 0;
            (function look() {
              var got = (function () { %s })();
              if (got === want || ++tries > 300) { done(got); } else { setTimeout(look, 100); }
            })();""" % script})
        check("%s: got %r, want %r" % (script, got, want), got == want)

    def console(self):
        return self.call("/se/log", {"type": "browser"})

    def close(self):
        try:
            self.call("", method="DELETE")
        finally:
            self.process.terminate()
            self.process.wait()


def make_report(folder):
    """Replayed outputs: every seventh is wrong, every hundredth lacks one, and each says how long it is."""
    with open(os.path.join(folder, "rows.jsonl"), "w") as rows:
        for i in range(CASES):
            row = {"id": "case-%05d" % i, "q": "question %d" % i, "want": str(i), "out": str(i if i % 7 else -1),
                   "tag": "hard" if i % 5 == 0 else "easy"}
            rows.write(json.dumps(row) + "\n")
    with open(os.path.join(folder, "suite.yaml"), "w") as suite:
        suite.write("""suite: browser
target: {replay: "{{out}}"}
dataset: {file: rows.jsonl, id: "{{id}}", input: "{{q}}", expected: "{{want}}", tags: ["{{tag}}"]}
scorers:
  - exact
  - length
gates: [cases >= 1]
""")
    done = subprocess.run([ASSAY, "run", "suite.yaml", "-q", "--db", "x.db", "--report", "html=report.html"], cwd=folder,
                          stdout=subprocess.DEVNULL)
    check("the run passes", done.returncode == 0)
    return "file://" + os.path.join(folder, "report.html")


SHOWN = 'return document.querySelectorAll("details.case:not([hidden])").length'
FIRST = 'return document.querySelector("details.case:not([hidden]) .id").textContent'
WRONG = len(range(0, CASES, 7))


def check_page(browser, page):
    browser.call("/url", {"url": page})
    browser.wait(SHOWN, CASES)
    browser.wait('return document.querySelector(".tools output").textContent', "%d samples" % CASES)
    browser.wait('return document.querySelector("h1").textContent.trim()', "✓ passed")
    browser.wait(FIRST, "case-00000")
    check("failures first", browser.run(
        'return Array.from(document.querySelectorAll("details.case")).findIndex(c => c.classList.contains("pass"))') == WRONG)

    # sorting: by name, then by length downwards, where many are equal and keep their order
    browser.click(".heads > span:nth-child(2) button")
    browser.wait('return document.querySelectorAll("details.case .id")[1].textContent', "case-00001")
    browser.click(".heads > span:nth-child(2) button")
    browser.wait(FIRST, "case-%05d" % (CASES - 1))
    browser.click(".heads > span:nth-child(5) button")
    browser.click(".heads > span:nth-child(5) button")
    lengths = browser.run('return Array.from(document.querySelectorAll("details.case")).map('
                          'c => Number(c.firstElementChild.children[4].textContent))')
    check("sorted by length", lengths == sorted(lengths, reverse=True) and len(lengths) == CASES)
    check("the heading says so", browser.run(
        'return document.querySelector(".heads > span:nth-child(5)").getAttribute("aria-sort")') == "descending")

    # filters: a word, a result, a dimension, a tag; together
    browser.type(".tools input", "QUESTION 123")
    browser.wait(SHOWN, 11)
    browser.run('document.querySelector(".tools input").value = ""; document.querySelector(".tools input").dispatchEvent(new Event("input"))')
    browser.wait(SHOWN, CASES)
    choose = """var s = document.querySelector('.tools select[aria-label="' + arguments[0] + '"]');
        s.value = arguments[1]; s.dispatchEvent(new Event("change")); return s.value"""
    check("choose", browser.run(choose, "result", "fail") == "fail")
    browser.wait(SHOWN, WRONG)
    browser.run(choose, "tag", "hard")
    browser.wait(SHOWN, len(range(0, CASES, 35)))
    browser.run(choose, "result", "")
    browser.run(choose, "failed dimension", "exact")
    browser.wait(SHOWN, len(range(0, CASES, 35)))
    browser.run(choose, "failed dimension", "")
    browser.run(choose, "tag", "")
    browser.wait(SHOWN, CASES)

    # a case opens, by mouse, and shows why it failed
    browser.run('document.querySelector("details.case.fail").scrollIntoView()')
    browser.click("details.case.fail > summary")
    browser.wait('return document.querySelector("details.case.fail").open', True)
    check("why", "fail: '-1' is not '" in browser.run('return document.querySelector("details.case.fail").innerText'))

    # what is asked of a page from disk
    check("nothing is fetched", browser.run('return performance.getEntriesByType("resource").length') == 0)
    check("a handler in the page would not run", browser.run(
        'var b = document.createElement("b"); b.setAttribute("onclick", "window.ran = 1"); document.body.appendChild(b);'
        'b.click(); return window.ran === undefined'))
    said = [entry for entry in browser.console() if "script-src" not in entry["message"]]
    check("nothing on the console: %s" % said[:3], said == [])


def check_without_script(browser, page):
    browser.call("/url", {"url": page})
    check("no tools that would do nothing", browser.call("/elements", {"using": "css selector", "value": ".tools"}) == [])
    rows = browser.call("/elements", {"using": "css selector", "value": "details.case > summary"})
    check("all cases", len(rows) == CASES)
    browser.click("details.case.fail > summary")
    text = browser.call("/element/%s/text" % browser.find("details.case.fail"))
    check("a case opens and says why: " + text[:200], "question 0" in text and "fail: '-1' is not '0'" in text)


def main():
    driver = shutil.which("chromedriver")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if driver is None or chromium is None:
        print("no chromedriver here (./dev test --long installs it)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        page = make_report(folder)
        for script, checks in ((True, check_page), (False, check_without_script)):
            browser = Browser(driver, chromium, os.path.join(folder, "profile%d" % script), script)
            try:
                checks(browser, page)
            finally:
                browser.close()
    print("failed" if failures else "ok")
    sys.exit(1 if failures else 0)


main()
