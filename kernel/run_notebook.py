"""Runs a notebook with its Jupyter kernel, or the named one, and writes events to standard output, one JSON object a line.

    python run_notebook.py IN.ipynb OUT.ipynb [KERNEL]

Events: {"cell": i, "of": n} as a code cell begins, {"line": text} for what it shows, {"error": {"cell", "source", "text"}} when one
fails. The notebook's folder is the kernel's working folder. OUT is written at the end, also after an error; the exit code is then 1.
"""

import sys
from pathlib import Path

import nbformat
from gradbook_papermill.client import START_SECONDS, Batch
from gradbook_papermill.events import printed, say
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


class Client(Batch, NotebookClient):
    """nbclient's own client, which also reports the run as events."""


def main(source, target, kernel=None):
    notebook = nbformat.read(source, as_version=4)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    current = 0

    def on_cell_start(cell, cell_index):
        nonlocal current
        if cell_index in code:
            current = cell_index
            say(cell=code.index(cell_index) + 1, of=len(code))

    def failure(text):
        return {"cell": code.index(current) + 1, "source": notebook.cells[current].source, "text": text}

    client = Client(
        notebook,
        timeout=None,
        startup_timeout=START_SECONDS,
        kernel_name=kernel or notebook.metadata.kernelspec.name,
        on_cell_start=on_cell_start,
        resources={"metadata": {"path": str(Path(source).parent)}},
    )
    failed = None
    try:
        client.execute()
    except DeadKernelError as error:
        failed = failure(str(error))
    except CellExecutionError as error:
        failed = failure(printed(notebook.cells[current]) or str(error).strip() or "the kernel gave no reason")
    client.copy_log()
    nbformat.write(notebook, target)
    if failed:
        say(error=failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
