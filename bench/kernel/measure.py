"""Measures the waiting times in a notebook with one kernel, as a JSON line.

python measure.py INTERRUPT_MODE ARGV...

The kernel must run TypeScript. `null` is a measurement that the kernel does not reach."""

import json
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

TIMEOUT = 60
# For 5,000 lines. Stock tslab loses messages of a burst, including its idle status.
BURST = 15


class Given(KernelSpecManager):
    def get_kernel_spec(self, kernel_name):
        return KernelSpec(argv=sys.argv[2:], interrupt_mode=sys.argv[1], language="typescript", display_name="given")


def run(code, timeout=TIMEOUT):
    """Returns the seconds, or None when the kernel never reported that it was idle again, and the
    printed text."""
    said = []
    begun = time.time()
    try:
        client.execute_interactive(code, timeout=timeout, output_hook=said.append)
        seconds = time.time() - begun
    except TimeoutError:
        seconds = None
    return seconds, "".join(m["content"].get("text", "") for m in said)


def restarted():
    """Returns a new client of the same kernel, without pending messages."""
    client.stop_channels()
    manager.restart_kernel(now=True)
    return started()


def started():
    fresh = manager.client()
    fresh.start_channels()
    fresh.wait_for_ready(timeout=TIMEOUT)
    return fresh


def median_ms(times):
    return round(1000 * statistics.median(times), 1)


def mib():
    """Resident memory of the kernel's process; 0 where there is no /proc."""
    status = Path(f"/proc/{manager.provisioner.pid}/status")
    if not status.exists():
        return 0
    return int(re.search(r"VmRSS:\s+(\d+)", status.read_text())[1]) / 1024


def number(text):
    """Returns the number that a cell has printed, or None when it has failed."""
    try:
        return round(float(text), 1)
    except ValueError:
        return None


#: Calls of a function in a module that runs as it is written, so that only the debugger's connection could slow it down.
LOOP = """export function loop() {
  const step = (x) => (x * 1.0001) % 7;
  const begun = process.cpuUsage();
  let s = 1;
  for (let i = 0; i < 2e7; i++) s = step(s);
  const { user, system } = process.cpuUsage(begun);
  return s > 0 ? (user + system) / 1000 : 0;
}
"""

def cpu():
    """Returns the processor time of the kernel's process, in seconds; None where there is no /proc."""
    stat = Path(f"/proc/{manager.provisioner.pid}/stat")
    if not stat.exists():
        return None
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return round((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), 2)


row = {}
manager = KernelManager(kernel_name="given", kernel_spec_manager=Given())
begun = time.time()
manager.start_kernel()
try:
    client = started()
    row["ready_s"] = round(time.time() - begun, 2)
    row["first_cell_s"] = round(run("1 + 1;")[0], 2)
    row["first_result_s"] = round(time.time() - begun, 2)
    row["first_result_cpu_s"] = cpu()
    row["cell_ms"] = median_ms([run(f"let n{i} = {i};")[0] for i in range(30)])
    before = mib()
    for i in range(200):
        run(f"const m{i} = [{i}, 1, 2];")
    row["after_200_cells_mib"] = round(mib() - before, 1)
    seconds, text = run("for (let i = 0; i < 5000; i++) console.log(i);", BURST)
    row["burst_lines"], row["burst_s"] = len(text.split()), seconds and round(seconds, 2)
    if seconds is None:
        client = restarted()
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder, "loop.mjs")
        module.write_text(LOOP)
        texts = [run(f"console.log((await import({json.dumps(str(module))})).loop())")[1] for _ in range(5)]
    row["loop_cpu_ms"] = min((number(text) for text in texts if number(text)), default=None)
    seconds, text = run('import * as gradbook from "gradbook"; console.log(Object.keys(gradbook).length)')
    row["import_s"] = round(seconds, 2) if number(text) else None
    if row["import_s"]:
        row["cell_after_import_ms"] = median_ms([run(f"const after{i} = gradbook.Table;")[0] for i in range(15)])
    request = client.execute("await new Promise(r => setTimeout(r, 50)); while (true) {}")
    time.sleep(1)
    pressed = time.time()
    manager.interrupt_kernel()
    row["interrupt_s"] = None
    while time.time() - pressed < 10 and row["interrupt_s"] is None:
        try:
            if client.get_shell_msg(timeout=1)["parent_header"].get("msg_id") == request:
                row["interrupt_s"] = round(time.time() - pressed, 2)
        except Exception:
            pass
    print(json.dumps(row))
finally:
    manager.shutdown_kernel(now=True)
