"""What a cell that failed said."""

import re


def printed(cell):
    """An error output's lines, else what it wrote to stderr, which is all that stock tslab gives."""
    outputs = cell.get("outputs", [])
    errors = ["\n".join(o.traceback) or f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]
    streams = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    lines = "".join(errors or streams).strip().split("\n")
    # The kernel's own frames below the error say nothing about the cell.
    return "\n".join(line for line in lines if not re.match(r"\s+at .*(node:|[\\/]tslab[\\/]dist[\\/])", line))
