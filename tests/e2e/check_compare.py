#!/usr/bin/env python3
"""`assay compare`, asked through the real program: figures against R, rules, degenerate inputs, and every format against a parser that is not ours.

usage: check_compare.py ASSAY SOURCE_ROOT
"""
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ASSAY, ROOT = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
failures = 0


def check(what, ok):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what)


def near(what, got, want, relative=1e-9):
    check(f"{what}: {got} is not {want}", got is not None and abs(got - want) <= relative * max(1e-300, abs(want)))


class Folder:
    """A project of its own, removed at the end."""

    def __init__(self):
        self.temp = tempfile.TemporaryDirectory()
        self.path = Path(self.temp.name)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.temp.cleanup()

    def assay(self, *args, exit_code=0):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.path), "NO_COLOR": "1"}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        done = subprocess.run([ASSAY, *map(str, args)], cwd=self.path, env=env, capture_output=True, timeout=120)
        if exit_code is not None and done.returncode != exit_code:
            check(f"assay {' '.join(map(str, args))}: exit {done.returncode}, not {exit_code}: {done.stderr[-600:]}", False)
        return done

    def run(self, name, rows, scorers, variants=("a", "b"), head="", keys=""):
        """Replays the columns of `rows` as variants; returns nothing: the runs are `latest`."""
        with open(self.path / f"{name}.jsonl", "w") as f:
            for row in rows:
                f.write(json.dumps(row) + "\n")
        lines = [f"suite: {name}", "target: {replay: '{{%s}}'}" % variants[0], head]
        if len(variants) > 1:
            lines.append("variants: [" + ", ".join("{name: %s, replay: '{{%s}}'}" % (v, v) for v in variants) + "]")
        lines.append(f"dataset: {{file: {name}.jsonl, id: '{{{{id}}}}', input: '{{{{id}}}}', expected: right{keys}}}")
        lines.append("allow_errors: 100%")
        lines.append("scorers:")
        lines += ["  - " + s for s in scorers]
        (self.path / f"{name}.yaml").write_text("\n".join(lines) + "\n")
        return self.assay("run", f"{name}.yaml", "-q", exit_code=None)

    def compare(self, *args, exit_code=0):
        """The comparisons as JSON."""
        done = self.assay("compare", *args, "--format", "json", exit_code=exit_code)
        return json.loads(done.stdout)["comparisons"] if done.stdout else []


def stat(comparison, dimension, name="mean", tag=None, label=None):
    for table in comparison["tables"]:
        for s in table["stats"] if table["tag"] == tag else []:
            if (s["dimension"], s["stat"], s["label"]) == (dimension, name, label):
                return s
    check(f"there is no {dimension}.{name} of tag {tag}", False)
    sys.exit(1)


def paired_rows(n, b, c, both):
    """n cases of which b are right in the second column only, c in the first only, `both` in both."""
    rows = []
    for i in range(n):
        first = i < c or c + b <= i < c + b + both
        second = c <= i < c + b + both
        rows.append({"id": f"case-{i:04}", "a": "right" if first else "wrong", "b": "right" if second else "wrong"})
    return rows


# --- figures against R ------------------------------------------------------------------------------------------------------------------------------


def reference():
    for line in (ROOT / "tests/stats/data/gsm8k.txt").read_text().splitlines():
        if not line.startswith("#"):
            label, *values = line.split()
            yield label.split(":"), [float(v) for v in values]


def check_against_r(what, s, r, run=0):
    n, b, c, midp, exact, z, lo, hi = r
    d = s["differences"][run]
    check(f"{what}: counts", (d["n"], d["only_candidate"], d["only_base"]) == (n, b, c))
    near(f"{what}: difference", d["difference"], (b - c) / n)
    near(f"{what}: mid-p", d["test"]["p"], midp)
    near(f"{what}: exact p", d["test"]["p_exact"], exact)
    near(f"{what}: z", d["test"]["statistic"], z)
    near(f"{what}: low", d["interval"]["lo"], lo)
    near(f"{what}: high", d["interval"]["hi"], hi)
    check(f"{what}: method", (d["interval"]["method"], d["test"]["method"]) == ("tango", "mcnemar mid-p"))
    check(f"{what}: level", (d["interval"]["n"], d["interval"]["alpha"]) == (n, 0.05))


def test_r_pairs():
    """The six pairs by their counts alone."""
    with Folder() as f:
        for (first, second), r in reference():
            f.run("pair", paired_rows(int(r[0]), int(r[1]), int(r[2]), 40), ["exact: {dimension: answer}"])
            check_against_r(f"{first} {second}", stat(f.compare("latest")[0], "answer"), r)


def shared_suite():
    for place in (os.environ.get("ASSAY_SHARED", "."), ROOT / "../shared", ROOT / "../../shared"):
        path = Path(place, "suites/gsm8k.yaml")
        if path.exists():
            return path.resolve()
    return None


def test_published_models():
    """The same from the published solutions, scored by the program: order, and what can be told."""
    suite = shared_suite()
    if suite is None:
        print("skipped: the published solutions are not here (ASSAY_SHARED names their folder)")
        return
    with Folder() as f:
        f.assay("run", suite, "-q")
        for (first, second), r in reference():
            c = f.compare(f"latest/{first}", f"latest/{second}")[0]
            s = stat(c, "answer")
            check_against_r(f"published {first} {second}", s, r)
            word = "cannot_tell" if (first, second) == ("6b_verification", "175b_finetuning") else "better"
            check(f"{first} {second}: {s['differences'][0]['word']} is not {word}", s["differences"][0]["word"] == word)
        c = f.compare("latest")[0]
        rates = {x["run"]: x["value"] for x in stat(c, "answer")["figures"]}
        order = ["6b_finetuning", "175b_finetuning", "6b_verification", "175b_verification"]
        check("order", sorted(rates, key=rates.get) == order and c["runs"][0]["name"] == "6b_finetuning")
        check("three claims", c["family"] == 3)
        p = sorted(d["test"]["p"] for d in stat(c, "answer")["differences"])
        adjusted = sorted(d["test"]["p_adjusted"] for d in stat(c, "answer")["differences"])
        for i, holm in enumerate([3 * p[0], max(3 * p[0], 2 * p[1]), max(2 * p[1], p[2])]):
            near(f"Holm {i}", adjusted[i], holm)
        text = f.assay("compare", "latest/6b_verification", "latest/175b_finetuning").stdout.decode()
        check("in words", "cannot tell" in text and "-5 pts" in text and "12.1 pts" in text)


TESTS = [test_r_pairs, test_published_models]

for test in TESTS:
    test()
print(f"{len(TESTS)} tests, {failures} failures")
sys.exit(1 if failures else 0)
