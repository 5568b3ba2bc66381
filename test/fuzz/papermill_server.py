"""Reads a JSON object of a notebook's cell and parameters from each line, and writes {} or {"error": traceback} for it."""

import json
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kernel" / "papermill"))

from gradbook_papermill.declarations import declarations  # noqa: E402
from gradbook_papermill.grid import grid  # noqa: E402
from gradbook_papermill.translator import ParameterError, TypeScriptTranslator  # noqa: E402


def attempt(action):
    try:
        action()
    except ParameterError:
        pass


def codify(source, values):
    TypeScriptTranslator.inspect({"source": source})
    TypeScriptTranslator.codify(dict(values)).encode()


for line in sys.stdin:
    given = json.loads(line)
    try:
        attempt(lambda: codify(given["source"], given["values"]))
        attempt(lambda: json.dumps([{n: v for n, (_, v) in point.items()} for point in grid(given["words"], declarations(given["source"]))]))
        answer = {}
    except BaseException:
        answer = {"error": traceback.format_exc()[-800:]}
    print(json.dumps(answer), flush=True)
