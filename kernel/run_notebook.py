"""Runs a notebook through its Jupyter kernel (or the one named) and says how it goes, one JSON object a line on standard output.

    python run_notebook.py IN.ipynb OUT.ipynb [KERNEL]

Events: {"cell": i, "of": n} as a code cell begins, {"line": text} for what it shows, {"error": {"cell", "source", "text"}} when one
fails. The notebook's folder is the kernel's working folder. OUT is written whole, at the end, also after an error; the exit code is then 1.
"""

import sys
from pathlib import Path

import nbformat
from gradbook_papermill.failing import printed
from gradbook_papermill.telling import Telling, say
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


class Client(Telling, NotebookClient):
    """nbclient's own, which also tells what cells show."""


def main(source, target, kernel=None):
    notebook = nbformat.read(source, as_version=4)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    current = 0

    def on_cell_start(cell, cell_index):
        nonlocal current
        if cell_index in code:
            current = cell_index
            say(cell=code.index(cell_index) + 1, of=len(code))

    client = Client(
        notebook,
        timeout=None,
        kernel_name=kernel or notebook.metadata.kernelspec.name,
        on_cell_start=on_cell_start,
        resources={"metadata": {"path": str(Path(source).parent)}},
    )
    failed = None
    try:
        client.execute()
    except (CellExecutionError, DeadKernelError) as error:
        cell = notebook.cells[current]
        text = printed(cell) or str(error).strip() or "the kernel gave no reason"
        failed = {"cell": code.index(current) + 1, "source": cell.source, "text": text}
    nbformat.write(notebook, target)
    if failed:
        say(error=failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
