#!/usr/bin/env python3
"""`assay compare`, asked through the real program: figures against R, rules, degenerate inputs, and every format against a parser that is not ours.

usage: check_compare.py ASSAY SOURCE_ROOT
"""
import csv
import fcntl
import json
import math
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
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
        rows.append({"id": f"case-{i:06}", "a": "right" if first else "wrong", "b": "right" if second else "wrong"})
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


def test_means():
    """i <- 0:59; a <- (i*7) %% 11; b <- (i*5) %% 13 + ifelse(i %% 3 != 0, 2, 0); t.test(b, a, paired=TRUE); t.test(b), by R 4.2.2."""
    with Folder() as f:
        rows = [{"id": f"c{i}", "a": f"{i * 7 % 11}", "b": f"{i * 5 % 13 + (2 if i % 3 else 0)}"} for i in range(60)]
        f.run("t", rows, ["numeric: {dimension: number, direction: lower}"])
        s = stat(f.compare("latest")[0], "number")
        d, figure = s["differences"][0], s["figures"][1]
        near("mean of d", d["difference"], 2.3333333333333335)
        near("t", d["test"]["statistic"], 3.4933452987227103)
        near("p", d["test"]["p"], 0.00091106638206787439)
        near("low", d["interval"]["lo"], 0.99679519688102325)
        near("high", d["interval"]["hi"], 3.6698714697856434)
        check("method", (d["test"]["method"], d["test"]["df"], d["interval"]["method"]) == ("t", 59, "t"))
        check("lower is better", d["word"] == "worse")
        near("mean of b", figure["value"], 7.3499999999999996)
        near("low", figure["interval"]["lo"], 6.3401347038493645)
        near("high", figure["interval"]["hi"], 8.3598652961506339)


def shared_suite():
    for place in (os.environ.get("ASSAY_SHARED", "."), ROOT / "../shared", ROOT / "../../shared"):
        path = Path(place, "suites/gsm8k.yaml")
        if path.exists():
            return path.resolve()
    return None


def test_many():
    """110,000 cases, where products of counts no longer fit into 64 bits. R, with the functions of tests/stats/data/gsm8k.R and these counts."""
    r = [110000, 23100, 22700, 0.061613725947072248, 0.062263734228622442, 1.8690772540639908, -0.00017682790952509958,
         0.00744947920322223]
    with Folder() as f:
        f.run("many", paired_rows(int(r[0]), int(r[1]), int(r[2]), 40000), ["exact: {dimension: answer}"])
        check_against_r("110,000", stat(f.compare("latest", "--flips", "0")[0], "answer"), r)


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



# --- what is compared -------------------------------------------------------------------------------------------------------------------------------


def test_symmetry():
    """Exchanging the runs exchanges better and worse, and nothing else."""
    scorers = ["exact: {dimension: answer}", "numeric: {extract: '([0-9.]+)$', dimension: number, direction: higher}"]
    with Folder() as f:
        rows = [{"id": f"c{i}", "a": f"{i * 7 % 11}", "b": f"{i * 5 % 13 + (2 if i % 3 else 0)}"} for i in range(60)]
        for row in rows[:25]:
            row["b"] = "right 3"
        f.run("s", rows, scorers)
        there, back = f.compare("latest/a", "latest/b")[0], f.compare("latest/b", "latest/a")[0]
        swap = {"better": "worse", "worse": "better", "cannot_tell": "cannot_tell"}
        for dimension in ("answer", "number"):
            x, y = stat(there, dimension)["differences"][0], stat(back, dimension)["differences"][0]
            near(f"{dimension}: difference", x["difference"], -y["difference"])
            near(f"{dimension}: p", x["test"]["p"], y["test"]["p"])
            near(f"{dimension}: adjusted", x["test"]["p_adjusted"], y["test"]["p_adjusted"])
            near(f"{dimension}: interval", x["interval"]["lo"], -y["interval"]["hi"])
            near(f"{dimension}: could have seen", x["could_have_seen"], y["could_have_seen"])
            check(f"{dimension}: words {x['word']} {y['word']}", swap[x["word"]] == y["word"])


def test_meeting():
    """Cases in one run only, changed content, errors: counted and named, and out of the differences."""
    numeric = ["numeric: {dimension: number}"]
    with Folder() as f:
        rows = [{"id": f"c{i}", "a": str(i)} for i in range(30)]
        rows[3]["a"] = rows[4]["a"] = "none"
        f.run("m", rows, numeric, variants=("a",), keys=", vars: {x: '{{x | default(0)}}'}")
        f.assay("report", "latest", "--format", "jsonl=before.jsonl")
        rows = [{"id": f"c{i}", "a": str(i + 1)} for i in range(2, 32)]
        rows[2]["a"] = rows[3]["a"] = "none"  # c4, c5
        rows[6]["x"] = 1  # c8 is another case now
        f.run("m", rows, numeric, variants=("a",), keys=", vars: {x: '{{x | default(0)}}'}")
        c = f.compare("before.jsonl", "latest")[0]
        met = c["runs"][1]["compared"]
        check("names", [r["name"] for r in c["runs"]] == ["before.jsonl", "latest"])
        check("both", met["both"] == 27)
        for key, names in {"only_base": ["c0", "c1"], "only_candidate": ["c30", "c31"], "changed": ["c8"],
                           "errored_base": ["c3"], "errored_candidate": ["c5"], "errored_both": ["c4"]}.items():
            check(f"{key}: {met[key]}", met[key] == names)
        d = stat(c, "number")["differences"][0]
        check("pairs", d["n"] == 24 and d["difference"] == 1)
        check("errors", (d["errored_base"], d["errored_candidate"], d["errored_both"]) == (1, 1, 1))
        text = f.assay("compare", "before.jsonl", "latest").stdout.decode()
        for words in ("27 of 32 cases are in both", "2 cases only in before.jsonl: c0, c1", "1 case with changed content: c8",
                      "1 case errored in latest: c5", "1 case errored in both: c4"):
            check(f"in words: {words}", words in text)


def test_not_comparable():
    with Folder() as f:
        rows = [{"id": f"c{i}", "a": "right"} for i in range(25)]
        f.run("n", rows, ["exact: {dimension: answer}"], variants=("a",))
        f.assay("report", "latest", "--format", "jsonl=before.jsonl")
        f.run("n", rows, ["exact: {dimension: answer, ignore_case: true}", "length: {}"], variants=("a",))
        done = f.assay("compare", "before.jsonl", "latest", exit_code=4)
        check("scorer changed", b"answer: its scorer changed" in done.stderr and b"empty (exit 4)" in done.stderr)
        c = f.compare("before.jsonl", "latest", exit_code=4)[0]
        d = stat(c, "answer")["differences"][0]
        check("said", d["why_not"] == "its scorer changed" and d["difference"] is None and d["word"] == "none")
        check("figures are there", [x["value"] for x in stat(c, "answer")["figures"]] == [1, 1])
        check("other dimensions", [x.split(":")[0] for x in c["runs"][1]["compared"]["other_dimensions"]] ==
              ["answer", "length_chars"])
        other = [{"id": f"d{i}", "a": "right"} for i in range(25)]
        f.run("n", other, ["exact: {dimension: answer}"], variants=("a",))
        done = f.assay("compare", "before.jsonl", "latest", exit_code=4)
        check("no common case", b"no case of 'latest' is in 'before.jsonl'" in done.stderr)
        for args, code, words in [
            ([], 2, "which runs?"),
            (["latest"], 2, "'latest' is one run"),
            (["latest", "nothing"], 4, "no run 'nothing'"),
            (["latest", "nothing.jsonl"], 4, "there is no file 'nothing.jsonl'"),
            (["latest", "n.jsonl"], 2, "n.jsonl:1:1: not an export of assay"),
            (["latest", "latest", "-d", "anwser"], 2, "did you mean 'answer'?"),
            (["latest", "latest", "-d", "cost_usd"], 4, "none of these runs has a value of 'cost_usd'"),
            (["latest", "latest", "-t", "hard"], 4, "no case of these runs has the tag 'hard'"),
            (["latest", "latest", "--by", "cluster"], 2, "--by cluster: there is tag"),
            (["latest", "latest", "--format", "xml"], 2, "no format 'xml': there are csv, html, json, markdown, terminal"),
            (["latest", "latest", "--format", "csv", "--format", "json"], 2, "two formats go to standard output"),
            (["latest", "latest", "--flips", "-1"], 2, "--flips"),
            (["latest", "latest", "--format", "csv=none/x.csv"], 2, "there is no folder 'none'"),
        ]:
            done = f.assay("compare", *args, exit_code=code)
            check(f"compare {args}: {done.stderr}", words.encode() in done.stderr)
        check("no difference to itself", "no difference seen" in f.assay("compare", "latest", "latest").stdout.decode())
        # as many longer as shorter: a difference of 0 is not "no difference"
        even = [{"id": f"e{i}", "a": "xxx", "b": "xxxx" if i % 2 else "xx"} for i in range(30)]
        f.run("even", even, ["length: {direction: lower}"], variants=("a", "b"))
        for form in ("terminal", "markdown"):
            text = f.assay("compare", "latest", "--flips", "0", "--format", form).stdout.decode()
            check(f"even, {form}: {text}", "cannot tell" in text and "no difference seen" not in text)


def test_several():
    """Which runs meet when operands hold several."""
    rows = [{"id": f"c{i}", "a": "right", "b": "wrong", "c": "right"} for i in range(20)]
    exact = ["exact: {dimension: answer}"]
    with Folder() as f:
        f.run("one", rows, exact, variants=("a", "b"))
        f.run("one", rows, exact, variants=("b", "c"))
        for args, want in [
            (["latest"], [["b", "c"]]),
            (["latest~1/a", "latest"], [["a", "b", "c"]]),
            (["latest~1", "latest"], [["latest~1", "latest"]]),
            (["latest~1/a", "latest/b", "latest/c"], [["a", "b", "c"]]),
            (["latest/b", "latest~1/b"], [["latest/b", "latest~1/b"]]),
            (["latest~1", "latest/b"], [["latest~1", "latest/b"]]),
        ]:
            got = [[r["name"] for r in c["runs"]] for c in f.compare(*args)]
            check(f"{args}: {got}", got == want)
        done = f.assay("compare", "latest~1", "latest")
        check("named", done.stderr.decode().count("not compared") == 2 and b"one [a] of latest~1 is not in latest" in done.stderr)
        # several suites of one invocation
        f.run("two", rows, exact)
        f.assay("run", "one.yaml", "two.yaml", "-q", exit_code=1)
        check("a comparison each", [c["suite"] for c in f.compare("latest")] == ["one", "two"])


# --- statistics --------------------------------------------------------------------------------------------------------------------------------------


def test_degenerate():
    exact = ["exact: {dimension: answer}"]
    with Folder() as f:
        for n in (1, 2, 19, 20):
            f.run("d", paired_rows(n, n, 0, 0), exact)
            d = stat(f.compare("latest")[0], "answer")["differences"][0]
            check(f"{n}: difference", d["difference"] == 1)
            if n == 1:
                check("1: no interval", d["interval"] is None)
            else:
                z2 = 1.959963984540054**2
                near(f"{n}: all one way", d["interval"]["lo"], 1 - 2 * z2 / (n + z2))
                near(f"{n}: all one way", d["interval"]["hi"], 1)
            if n < 20:
                check(f"{n}: too few", d["word"] == "cannot_tell" and d["needed"] == 20 and d["test"] is None)
            else:
                check(f"{n}: better", d["word"] == "better" and d["test"]["p"] < 1e-5)
        f.run("d", paired_rows(30, 0, 0, 15), exact)
        d = stat(f.compare("latest")[0], "answer")["differences"][0]
        near("no discordant pair", d["interval"]["hi"], z2 / (30 + z2))
        check("no discordant pair", d["test"]["p"] == 1 and d["difference"] == 0 and d["word"] == "cannot_tell")
        check("but something could have been seen", 0.1 < d["could_have_seen"] < 0.4)
        for values, why in [(("5", "5"), "no value differs"), (("5", "6"), "every difference is the same")]:
            f.run("d", [{"id": f"c{i}", "a": values[0], "b": values[1]} for i in range(30)], ["numeric: {dimension: number}"])
            d = stat(f.compare("latest")[0], "number")["differences"][0]
            check(f"constant: {d['hint']}", d["hint"].startswith(why) and d["interval"] is None and d["word"] == "cannot_tell")
        f.run("d", [{"id": "c1", "a": "none", "b": "none"}], ["numeric: {dimension: number}"])
        done = f.assay("compare", "latest", exit_code=4)
        check("all errored", b"errored in one of them" in done.stderr)


def test_clusters():
    """The clustered t, against the formula of docs/statistics.md computed here."""
    exact = ["exact: {dimension: answer}"]
    with Folder() as f:
        rows = paired_rows(60, 20, 10, 20)
        for i, row in enumerate(rows):
            row["k"] = f"k{i * 7 % 12}"
        f.run("k", rows, exact, keys=", cluster: '{{k}}'")
        c = f.compare("latest")[0]
        d = stat(c, "answer")["differences"][0]
        x = [(r["b"] == "right") - (r["a"] == "right") for r in rows]
        n, m = len(x), sum(x) / len(x)
        sizes, totals = {}, {}
        for value, row in zip(x, rows):
            sizes[row["k"]] = sizes.get(row["k"], 0) + 1
            totals[row["k"]] = totals.get(row["k"], 0) + value - m
        se = math.sqrt(sum(totals[k] ** 2 / (1 - sizes[k] / n) for k in sizes)) / n
        check("method", d["test"]["method"] == "clustered t" and d["clusters"] == 12 and d["test"].get("p_exact") is None)
        near("t", d["test"]["statistic"], m / se)
        near("difference", d["difference"], m)
        for row in rows:
            row["k"] = "all"
        f.run("k", rows, exact, keys=", cluster: '{{k}}'")
        d = stat(f.compare("latest")[0], "answer")["differences"][0]
        check("one cluster", d["word"] == "cannot_tell" and "one cluster" in d["hint"] and d["interval"] is None)
        for i, row in enumerate(rows):
            row["k"] = "big" if i < 54 else f"k{i}"
        f.run("k", rows, exact, keys=", cluster: '{{k}}'")
        d = stat(f.compare("latest")[0], "answer")["differences"][0]
        check("a giant cluster", d["word"] == "cannot_tell" and "degrees of freedom" in d["hint"])


TRIALS = """suite: trials
target: {shell: 'n=$(printf %%s "$ASSAY_CASE.$ASSAY_TRIAL" | cksum | cut -d" " -f1); [ $((n %% 3)) = 0 ] && echo right || echo wrong'}
variants: [{name: a}, {name: b, shell: 'n=$(printf %%s "$ASSAY_TRIAL.$ASSAY_CASE" | cksum | cut -d" " -f1); [ $((n %% 3)) != 0 ] && echo right || echo wrong'}]
trials: 3
%s
cases: [%s]
scorers: [exact: {dimension: answer}]
gates: ['answer.pass^2 >= 1%%', 'latency_ms.p50 <= 30s']
"""


def test_trials():
    """Reducers, pass@k and pass^k, against the trials themselves."""
    cases = ", ".join("{id: c%d, input: x, expected: right}" % i for i in range(24))
    reducers = {"mean": lambda t: sum(t) / 3, "median": lambda t: sorted(t)[1], "max": max, "min": min}
    with Folder() as f:
        for name, reduce in reducers.items():
            (f.path / "t.yaml").write_text(TRIALS % (f"reduce: {name}", cases))
            f.assay("run", "t.yaml", "-q", exit_code=None)
            c = f.compare("latest")[0]
            samples = {}
            for run in json.loads(f.assay("report", "latest", "--format", "json").stdout)["runs"]:
                for s in run["samples"]:
                    samples.setdefault((run["run"]["variant"], s["case"]), []).append(s["scores"]["answer"]["value"])
            passed = {v: [sum(t) for (w, _), t in samples.items() if w == v] for v in "ab"}
            d = stat(c, "answer")["differences"][0]
            for v, key in (("a", "base"), ("b", "candidate")):
                near(f"{name} of {v}", d[key], sum(reduce(t) for (w, _), t in samples.items() if w == v) / 24)
                near(f"pass@3 of {v}", stat(c, "answer", "pass@3")["differences"][0][key], sum(x > 0 for x in passed[v]) / 24)
                near(f"pass^3 of {v}", stat(c, "answer", "pass^3")["differences"][0][key], sum(x == 3 for x in passed[v]) / 24)
                near(f"pass^2 of {v}", stat(c, "answer", "pass^2")["differences"][0][key],
                     sum(math.comb(int(x), 2) / 3 for x in passed[v]) / 24)
            check(f"{name}: binary where it is", ("only_base" in d) == (name in ("max", "min")))
            check("the gate's quantile is shown", stat(c, "latency_ms", "p50")["differences"][0]["n"] == 24)
        (f.path / "t.yaml").write_text(TRIALS % ("pass_trials: any", cases))
        f.assay("run", "t.yaml", "-q", exit_code=None)
        near("any", stat(f.compare("latest")[0], None, "pass_rate")["differences"][0]["base"], sum(x > 0 for x in passed["a"]) / 24)
        d = stat(f.compare("latest~1", "latest", exit_code=None)[0], "answer")["differences"][0]
        check(f"reduced in another way: {d['why_not']}", d["why_not"] is not None)


def test_classes():
    labels = ["billing", "bug", "other"]
    rows = [{"id": f"c{i}", "a": labels[i * 7 % 3 if i % 4 else (i + 1) % 3], "b": labels[i % 3] if i % 5 else "junk",
             "w": labels[i % 3]} for i in range(60)]
    with Folder() as f:
        f.run("c", rows, ["one_of: {values: [billing, bug, other], expected: '{{w}}', dimension: queue}"])
        c = f.compare("latest")[0]
        for run, v in enumerate("ab"):
            f1s = []
            for label in labels:
                right = sum(r["w"] == label == r[v] for r in rows)
                wanted, answered = (sum(r[k] == label for r in rows) for k in ("w", v))
                for name, want in (("recall", right / wanted), ("precision", right / answered), ("f1", 2 * right / (wanted + answered))):
                    near(f"{name} of {label}", stat(c, "queue", name, label=label)["figures"][run]["value"], want)
                f1s.append(2 * right / (wanted + answered))
            near("macro F1", stat(c, "queue", "f1_macro")["figures"][run]["value"], sum(f1s) / 3)


def test_tags_and_dimensions():
    rows = paired_rows(100, 30, 10, 20)
    for i, row in enumerate(rows):
        row["t"] = ["odd" if i % 2 else "even"] + (["few"] if i < 10 else [])
    scorers = ["exact: {dimension: answer}", "length: {dimension: size}"]
    with Folder() as f:
        f.run("t", rows, scorers, keys=", tags: '{{t}}'")
        c = f.compare("latest", "--by", "tag")[0]
        check("tables", [t["tag"] for t in c["tables"]] == [None, "even", "few", "odd"])
        check("the family", c["family"] == 3)  # few has too few cases, and no size differs
        for tag in ("even", "few", "odd"):
            members = [r for r in rows if tag in r["t"]]
            d = stat(c, "answer", tag=tag)["differences"][0]
            check(f"{tag}: pairs", d["n"] == len(members))
            near(f"{tag}: difference", d["difference"],
                 sum((r["b"] == "right") - (r["a"] == "right") for r in members) / len(members))
        only = f.compare("latest", "--tag", "odd", "-d", "answer")[0]
        check("one tag", only["tag"] == "odd" and [s["dimension"] for s in only["tables"][0]["stats"]] == ["answer"])
        near("the same as by tag", stat(only, "answer", tag="odd")["differences"][0]["difference"],
             stat(c, "answer", tag="odd")["differences"][0]["difference"])
        check("flips of the tag", only["runs"][1]["compared"]["flips"]["worse"] == 5)


def test_flips():
    """Worst first, with what both said; --flips N."""
    rows = [{"id": f"c{i}", "a": "right", "b": "right"} for i in range(20)]
    rows[3]["b"] = rows[9]["b"] = rows[4]["a"] = "wrong"
    rows[9]["b"] = "wrong and long beyond the limit"
    with Folder() as f:
        f.run("f", rows, ["starts_with: {expected: right, dimension: answer}", "length: {max: 10, weight: 1}"])
        flips = f.compare("latest", "--flips", "2")[0]["runs"][1]["compared"]["flips"]
        check("counts", (flips["worse"], flips["better"], len(flips["shown"])) == (2, 1, 2))
        check("worst first", [x["case"] for x in flips["shown"]] == ["c9", "c3"])
        check("both outputs", flips["shown"][0]["base"]["output"] == "right" and
              flips["shown"][0]["candidate"]["output"] == rows[9]["b"])
        flips = f.compare("latest", "--flips", "all", "-d", "answer")[0]["runs"][1]["compared"]["flips"]
        check("of a dimension", [(x["case"], x["word"], x["loss"]) for x in flips["shown"]] ==
              [("c3", "worse", 1), ("c9", "worse", 1), ("c4", "better", -1)])
        text = f.assay("compare", "latest", "--flips", "1").stdout.decode()
        check("in words", "3 of 20 cases flipped: 2 worse, 1 better" in text and "... and 2 more" in text)


def test_calls():
    """Cost and latency stand beside quality, without a claim; quantiles as ratios."""
    with Folder() as f:
        (f.path / "c.yaml").write_text("""suite: calls
target: {shell: 'echo "{\\"output\\":\\"right\\",\\"cost_usd\\":0.25}"', output: json}
variants: [{name: a}, {name: b, shell: 'sleep 0.02; echo "{\\"output\\":\\"right\\",\\"cost_usd\\":0.5}"'}]
cases: [%s]
scorers: [exact: {dimension: answer}]
""" % ", ".join("{id: c%d, input: x, expected: right}" % i for i in range(100)))
        f.assay("run", "c.yaml", "-q")
        c = f.compare("latest")[0]
        check("cost", [r["cost_usd"] for r in c["runs"]] == [25, 50] and stat(c, "cost_usd")["differences"][0]["difference"] == 0.25)
        p95, mean = stat(c, "latency_ms", "p95"), stat(c, "latency_ms")
        d = p95["differences"][0]
        near("ratio", d["ratio"], p95["figures"][1]["value"] / p95["figures"][0]["value"])
        check("its interval", d["ratio_interval"]["method"] == "exceedance" and d["ratio_interval"]["hi"] > d["ratio"] * 0.99)
        check("no claim", d["word"] == mean["differences"][0]["word"] == "none" and c["family"] == 1)
        check("tokens only when asked", not any(s["dimension"] == "attempts" for s in c["tables"][0]["stats"]))
        check("asked", stat(f.compare("latest", "-d", "attempts")[0], "attempts")["figures"][0]["value"] == 1)


def test_formats():
    """All formats at once into files, from one computation."""
    with Folder() as f:
        f.run("f", paired_rows(40, 12, 4, 10), ["exact: {dimension: answer}"])
        f.assay("compare", "latest", "--format", "csv=c.csv", "--format", "html=c.html", "--format", "markdown=c.md",
                "--format", "json=c.json")
        c = json.loads((f.path / "c.json").read_text())["comparisons"][0]
        rows = list(csv.DictReader(open(f.path / "c.csv", newline="")))
        row = [r for r in rows if r["dimension"] == "answer" and r["run"] == "b"][0]
        d = stat(c, "answer")["differences"][0]
        check("csv says the same", float(row["difference"]) == d["difference"] and float(row["p_exact"]) == d["test"]["p_exact"] and
              float(row["change_low"]) == d["interval"]["lo"] and row["word"] == d["word"] and row["gained"] == "12")
        check("html", "+20 pts" in (f.path / "c.html").read_text() and "</html>" in (f.path / "c.html").read_text())
        check("markdown", "| `answer` | " in (f.path / "c.md").read_text())
        f.assay("report", "latest", "--format", "jsonl=r.jsonl")
        before = (f.path / "r.jsonl").read_text()
        for args, words in [(["r.jsonl/a", "r.jsonl/b", "--format", "json=./r.jsonl"], "is one of the files to compare"),
                            (["latest", "--format", "json=.assay/assay.db"], "is the store"),
                            (["latest", "--format", "json=x", "--format", "csv=./x"], "two formats would go to './x'"),
                            (["latest", "--format", "html=no/c.html"], "there is no folder 'no'"),
                            (["latest", "--format", "html=.assay"], "'.assay' is a folder")]:
            check(words, words.encode() in f.assay("compare", *args, exit_code=2).stderr)
        check("what cannot be written is no usage", b"/proc/c.html" in f.assay("compare", "latest", "--format",
                                                                             "html=/proc/c.html", exit_code=5).stderr)
        f.assay("report", "r.jsonl", "--format", "json=r.jsonl", exit_code=2)
        check("nothing was overwritten", (f.path / "r.jsonl").read_text() == before)


def in_terminal(f, columns, *args, **env):
    """What a terminal of so many columns gets."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(f.path)
        os.execve(ASSAY, [str(ASSAY), *args], {"PATH": os.environ["PATH"], "HOME": str(f.path), "TERM": "xterm", **env})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    data = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        if not part:
            break
        data += part
    os.waitpid(pid, 0)
    return data.decode().replace("\r\n", "\n")


def test_terminal():
    """Narrow ones, without color, and long names."""
    rows = paired_rows(40, 12, 4, 10)
    for row in rows:
        row["id"] = row["id"] + "-with-a-long-name-that-does-not-fit-beside-anything" * 2
    with Folder() as f:
        f.run("t", rows, ["exact: {dimension: a_dimension_with_a_rather_long_name_of_forty}"])
        narrow = f.assay("compare", "latest").stdout.decode()
        check("80 columns", max(map(len, narrow.splitlines())) <= 80)
        for columns in (20, 40, 100):
            # the size is set a moment after the start: the file says it for sure
            text = in_terminal(f, columns, "compare", "latest", NO_COLOR="1", COLUMNS=str(columns))
            check(f"{columns} columns: {max(map(len, text.splitlines()))}", max(map(len, text.splitlines())) <= columns)
            check(f"{columns} columns: no color", "\x1b" not in text)
            check(f"{columns} columns: it is all there", "better" in text and "12" in text)
        check("with color", "\x1b[32mbetter" in in_terminal(f, 100, "compare", "latest", COLUMNS="100"))
        check("exact p where there is room", "exact p" in in_terminal(f, 120, "compare", "latest", COLUMNS="120"))


TESTS = [v for k, v in list(globals().items()) if k.startswith("test_")]

for test in TESTS:
    test()
print(f"{len(TESTS)} tests, {failures} failures")
sys.exit(1 if failures else 0)
