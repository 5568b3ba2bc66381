"""Starts a training in a notebook's kernel, presses stop three seconds after its first step, and prints the results as JSON.

    python interrupt.py KERNEL FOLDER CELL TRAINING_CELL NEXT_CELL
"""

import json
import pathlib
import sys
import time

from jupyter_client.manager import KernelManager

kernel, folder, cell, training, following = sys.argv[1:]
events = pathlib.Path(folder, "run", "events.jsonl")


def wait_for(kind):
    deadline = time.time() + 120
    while time.time() < deadline:
        if events.exists() and f'"event":"{kind}"' in events.read_text():
            return
        time.sleep(0.1)
    raise TimeoutError(f"no {kind} within two minutes")


def run(code):
    """Returns the printed text and the value of a cell."""
    said = []
    reply = client.execute_interactive(code, output_hook=said.append, timeout=120)
    texts = [m["content"].get("text") or m["content"].get("data", {}).get("text/plain", "") for m in said]
    return {"status": reply["content"]["status"], "text": "".join(texts)}


manager = KernelManager(kernel_name=kernel)
manager.start_kernel()
try:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    run(cell)
    request = client.execute(training)
    wait_for("step")
    time.sleep(3)
    pressed = time.time()
    manager.interrupt_kernel()
    wait_for("fit_end")
    saved = time.time() - pressed
    reply = {}
    while reply.get("parent_header", {}).get("msg_id") != request:
        reply = client.get_shell_msg(timeout=60)
    returned = time.time() - pressed
    print(json.dumps({
        "seconds": {"saved": saved, "returned": returned},
        "status": reply["content"]["status"],
        "next": run(following),
        "alive": manager.is_alive(),
    }))
finally:
    manager.shutdown_kernel(now=True)
