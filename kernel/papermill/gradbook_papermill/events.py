"""Events of a run on standard output, one JSON object a line, and the text of a cell that failed."""

import json
import re

#: The MIME type of the numbers that a cell records for the summary of a batch (`record` in TypeScript).
RECORD = "application/vnd.gradbook.record+json"


def say(**event):
    print(json.dumps(event), flush=True)


def say_last_line(text):
    lines = "".join(text).strip().split("\n")
    if lines[-1]:
        say(line=lines[-1])


def printed(cell):
    """Returns the traceback of a failed cell, or else its output on stderr: stock tslab gives nothing else."""
    outputs = cell.get("outputs", [])
    errors = ["\n".join(o.traceback) or f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]
    streams = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    lines = "".join(errors or streams).strip().split("\n")
    # The kernel's own frames below the error say nothing about the cell.
    return "\n".join(line for line in lines if not re.match(r"\s+at .*(node:|[\\/]tslab[\\/]dist[\\/])", line))
