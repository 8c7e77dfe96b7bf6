"""The target of worker.yaml: reads a case a line, answers a line. It ends when its input ends."""

import json
import operator
import sys

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def answer(case):
    left, sign, right = case["input"].split()
    try:
        value = OPERATORS[sign](float(left), float(right))
    except ZeroDivisionError:
        return {"error": "division by zero"}
    return {"output": str(round(value, case["params"]["digits"])), "metrics": {"operands": 2}}


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"id": case["id"], **answer(case)}), flush=True)
