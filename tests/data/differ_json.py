"""usage: differ_json.py JSON_CAT CORPUS [COUNT [SEED]]

Damages texts at random and compares what our reader says with Python's json made strict: accepted or not, and the value to the digit.
"""

import json
import pathlib
import random
import re
import struct
import subprocess
import sys

DEPTH_MAX = 128
REPLY, OURS, DUPLICATE, SURROGATE = 1, 2, 4, 8
SURROGATES = re.compile("[\ud800-\udfff]")
SEEDS = [
    b'{"a": [1, -2.5e+10, true, false, null, "t\\u00e9xt \\ud83d\\ude00 \\n"], "b": {"c": {}, "d": []}}',
    b'[0,-0,1E5,0.1,"\\"\\\\\\/\\b\\f\\n\\r\\t"]',
    '{"é":"😀","ключ":"中文"}'.encode(),
    b'{"a":1,"b":2,"a":3}',
    b'["\\ud800","\\udc00\\ud800"]',
    b" \t\r\n[ ]\n",
    b"12.50",
    b'[[[[{"k":[{}]}]]]]',
]
PIECES = b'{ } [ ] , : " \\ \\u \\ud83d \\udc00 0 - . e + 1 true null false NaN Infinity \x00 \x1f \x7f \x80'.split(b" ")
PIECES += [b" ", b"\n", b"\t", b"\r", b"\xc3\xa9", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"/", b"'", b'"a":']


class Number(str):
    """A number's digits as written."""


def damaged(rng, seeds):
    text = bytearray(rng.choice(seeds))
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        kind, at, to = rng.randint(0, 4), rng.randint(0, len(text)), rng.randint(0, len(text))
        if kind == 0:
            text[at:at] = rng.choice(PIECES)
        elif kind == 1:
            del text[at : at + rng.randint(1, 4)]
        elif kind == 2 and text:
            text[min(at, len(text) - 1)] = rng.randrange(256)
        elif kind == 3:
            text[at:at] = text[min(at, to) : max(at, to)][:40]
        else:
            other = rng.choice(seeds)
            text[at:] = other[rng.randint(0, len(other)) :]
    return bytes(text)


class Oracle:
    def __init__(self):
        self.has_duplicate = self.has_surrogate = False

    def text(self, text):
        if SURROGATES.search(text):
            self.has_surrogate = True
        return SURROGATES.sub("\ufffd", text)

    def map(self, pairs):
        result = {}
        for key, value in pairs:
            key = self.text(key)
            self.has_duplicate |= key in result
            result[key] = value
        return result

    def canonical(self, value):
        if isinstance(value, Number) or value is None or value is True or value is False:
            return str(value) if isinstance(value, Number) else json.dumps(value)
        if isinstance(value, str):
            return json.dumps(self.text(value), ensure_ascii=False)
        if isinstance(value, list):
            return "[" + ",".join(map(self.canonical, value)) + "]"
        keys = sorted(value, key=lambda key: key.encode())
        return "{" + ",".join(json.dumps(key, ensure_ascii=False) + ":" + self.canonical(value[key]) for key in keys) + "}"

    def read(self, text):
        """The canonical form, or None."""
        try:
            value = json.loads(text.decode(), parse_constant=refuse, parse_int=Number, parse_float=Number, object_pairs_hook=self.map)
        except (ValueError, RecursionError):
            return None
        return self.canonical(value) if depth(text) <= DEPTH_MAX else None


def refuse(word):
    raise ValueError(word)


def depth(text):
    """Of brackets outside texts, in a text that is JSON."""
    now = deepest = 0
    for bracket in re.findall(rb'[\[{\]}]', re.sub(rb'"(?:[^"\\]|\\.)*"', b"", text)):
        now += 1 if bracket in b"[{" else -1
        deepest = max(deepest, now)
    return deepest


def agree(text, flags, canonical):
    oracle = Oracle()
    expected = oracle.read(text)
    if expected is None:
        return flags == 0
    # a surrogate in a value that a later key replaced is not seen here
    flags_agree = bool(flags & DUPLICATE) == oracle.has_duplicate and (
        oracle.has_duplicate or bool(flags & SURROGATE) == oracle.has_surrogate
    )
    is_ours = bool(flags & OURS) == (flags & (DUPLICATE | SURROGATE) == 0)
    return flags & REPLY and is_ours and flags_agree and expected.encode() == canonical


def main():
    program, corpus = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    seeds = SEEDS + [path.read_bytes() for path in sorted(pathlib.Path(corpus).iterdir())]
    texts = [damaged(rng, seeds) for _ in range(count)]
    sized = b"".join(struct.pack("=I", len(text)) + text for text in texts)
    answers = subprocess.run([program], input=sized, stdout=subprocess.PIPE, check=True).stdout
    at = accepted = differences = 0
    for text in texts:
        flags, length = struct.unpack_from("=BI", answers, at)
        canonical = answers[at + 5 : at + 5 + length]
        at += 5 + length
        accepted += flags & REPLY
        if not agree(text, flags, canonical):
            differences += 1
            if differences <= 5:
                print(f"differs: {text!r}: flags {flags}, {canonical!r}; Python: {Oracle().read(text)!r}")
    print(f"{count} texts, {accepted} accepted, {differences} differences")
    return differences != 0 or accepted == 0


sys.exit(main())
