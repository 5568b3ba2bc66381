"""The commands that `gradbook run` calls.

    python -m gradbook_papermill run IN.ipynb OUT.ipynb '{"lr": 0.001, "seed": 1}'
    python -m gradbook_papermill serve

`run` writes events, one JSON object a line: {"cell": i, "of": n} as a code cell begins, {"line": text} for what it shows,
{"record": {...}} for numbers it records, and {"error": {"cell", "source", "text"}} when it fails; the exit code is then 1. The
notebook's folder is the kernel's working folder.
`serve` answers requests one after another, because importing papermill takes longer than a short notebook. Each line of standard input is
one request, and {"done": exit code} follows the events of its answer. It ends after an interrupt.

    {"do": "plan", "source": IN, "pairs": [["lr", "1e-3"], ["seed", "1,2,3"]]}
    {"do": "run", "source": IN, "target": OUT, "values": JSON, "more": whether another run follows}

If another run follows, the kernel of the next notebook starts while this one runs.
`plan` is answered by every combination as {"points": [{"label": {name: text}, "values": JSON for `run`}]}, or by {"problem": text}.
"""

import json
import logging
import sys
from functools import partial
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillException, PapermillExecutionError

from .client import START_SECONDS
from .declarations import declarations
from .engine import Interrupted, NotStarted
from .events import printed, say
from .grid import grid
from .spare import Spare
from .translator import NO_PARAMETERS, ParameterError


def plan(source, pairs):
    cells = nbformat.read(source, as_version=4).cells
    tagged = next((cell for cell in cells if "parameters" in cell.metadata.get("tags", [])), None)
    try:
        if pairs and tagged is None:
            raise ParameterError(NO_PARAMETERS)
        points = grid(pairs, declarations(tagged.source) if tagged else [])
    except ParameterError as error:
        say(problem=str(error))
        return 0
    # The values stay a text, because a reader in JavaScript would not keep NaN and great integers.
    rows = [
        {
            "label": {name: text for name, (text, _) in point.items()},
            "values": json.dumps({name: value for name, (_, value) in point.items()}),
        }
        for point in points
    ]
    say(points=rows)
    return 0


def run(source, target, values, **kernels):
    """Runs a notebook. `kernels` are the engine's options `spare` and `more`."""
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            source,
            target,
            parameters=json.loads(values),
            engine_name="gradbook",
            progress_bar=False,
            cwd=Path(source).parent,
            start_timeout=START_SECONDS,
            **kernels,
        )
    except Interrupted:
        return 130
    except DeadKernelError as error:
        say(error={**failure(target, str(error)), "text": str(error)})
        return 1
    except PapermillExecutionError as error:
        say(error=failure(target, str(error).strip()))
        return 1
    except (NotStarted, PapermillException) as error:
        say(error={"cell": 0, "source": "", "text": str(error)})
        return 1
    # A kernel that reports an error without its output (stock tslab) is no success.
    failed = failure(target)
    if failed:
        say(error=failed)
        return 1
    return 0


def serve():
    spare = Spare()
    answers = {"plan": plan, "run": partial(run, spare=spare)}
    try:
        for line in sys.stdin:
            request = json.loads(line)
            code = answers[request.pop("do")](**request)
            say(done=code)
            if code == 130:
                return code
    except KeyboardInterrupt:
        return 130
    finally:
        spare.close()
    return 0


def failure(target, reason=""):
    """Returns the failed cell as an error event; None when no cell failed and no reason is known."""
    code = [cell for cell in nbformat.read(target, as_version=4).cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        state = cell.metadata.get("papermill", {})
        if state.get("exception") or state.get("status") == "failed":
            text = printed(cell) or reason or "the kernel gave no reason"
            return {"cell": number, "source": cell.source, "text": text}
    return {"cell": 0, "source": "", "text": reason} if reason else None


if __name__ == "__main__":
    sys.exit({"run": run, "serve": serve}[sys.argv[1]](*sys.argv[2:]))
