"""Starts a training in a notebook's kernel, presses stop once it steps, and prints what came of it as JSON.

    python interrupt.py FOLDER CELL TRAINING_CELL
"""

import json
import pathlib
import sys
import time

from jupyter_client.manager import KernelManager

folder, cell, training = sys.argv[1:]
events = pathlib.Path(folder, "run", "events.jsonl")


def wait_for(kind):
    deadline = time.time() + 60
    while time.time() < deadline:
        if events.exists() and f'"event":"{kind}"' in events.read_text():
            return
        time.sleep(0.1)
    raise TimeoutError(f"no {kind} within a minute")


manager = KernelManager(kernel_name="tslab")
manager.start_kernel()
try:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.execute_interactive(cell, output_hook=lambda message: None, timeout=60)
    client.execute(training)
    wait_for("step")
    pressed = time.time()
    manager.interrupt_kernel()
    wait_for("fit_end")
    print(json.dumps({"seconds": time.time() - pressed, "alive": manager.is_alive()}))
finally:
    manager.shutdown_kernel(now=True)
