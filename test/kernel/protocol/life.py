"""The start and the end of a kernel."""

import os
import subprocess
import tempfile
import time
import unittest

import zmq
from jupyter_client.manager import KernelManager

from client import SLOW


def is_running(pid):
    """Whether a process runs. A process that has ended may wait for its parent."""
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()[:1] not in ("", "Z")


class Life(unittest.TestCase):
    def test_shuts_down_while_a_cell_loops(self):
        km = KernelManager(kernel_name="gradbook")
        km.start_kernel()
        kc = km.client()
        kc.start_channels()
        kc.wait_for_ready(timeout=SLOW)
        kc.execute("while (true) {}")
        time.sleep(1)
        begun = time.time()
        km.shutdown_kernel(now=False)
        self.assertLess(time.time() - begun, 4)
        kc.stop_channels()

    def test_is_ready_when_a_cell_can_run_at_once(self):
        begun = time.time()
        km = KernelManager(kernel_name="gradbook")
        km.start_kernel()
        kc = km.client()
        kc.start_channels()
        kc.wait_for_ready(timeout=SLOW)
        ready = time.time()
        kc.execute_interactive("1 + 1", timeout=SLOW, output_hook=lambda message: None)
        # TypeScript takes most of the time of the start.
        self.assertLess(time.time() - ready, ready - begun)
        kc.stop_channels()
        km.shutdown_kernel(now=True)

    def test_shutdown_ends_child_processes(self):
        km = KernelManager(kernel_name="gradbook")
        km.start_kernel()
        kc = km.client()
        kc.start_channels()
        kc.wait_for_ready(timeout=SLOW)
        cell = "import { spawn } from 'node:child_process'; console.log(spawn('sleep', ['987']).pid);"
        printed = []
        kc.execute_interactive(cell, timeout=SLOW, output_hook=lambda message: printed.append(message["content"].get("text", "")))
        child = int("".join(printed))
        os.kill(child, 0)
        km.shutdown_kernel(now=False)
        deadline = time.time() + 5
        while is_running(child) and time.time() < deadline:
            time.sleep(0.05)
        self.assertFalse(is_running(child))
        kc.stop_channels()

    def test_supports_other_signature_hashes_and_no_signature(self):
        for scheme, key in [("hmac-sha3_256", b"k"), ("hmac-blake2b", b"k"), ("hmac-sha256", b"")]:
            with self.subTest(scheme=scheme, key=key):
                km = KernelManager(kernel_name="gradbook")
                km.session.signature_scheme, km.session.key = scheme, key
                km.start_kernel()
                kc = km.client()
                kc.start_channels()
                kc.wait_for_ready(timeout=SLOW)
                kc.stop_channels()
                km.shutdown_kernel(now=True)

    def test_reports_a_port_in_use_in_jupyters_log(self):
        taken = zmq.Context.instance().socket(zmq.REP)
        port = taken.bind_to_random_port("tcp://127.0.0.1")
        with tempfile.TemporaryFile("w+") as log:
            km = KernelManager(kernel_name="gradbook", shell_port=port, cache_ports=False)
            km.start_kernel(stderr=log)
            deadline = time.time() + SLOW
            while km.is_alive() and time.time() < deadline:
                time.sleep(0.1)
            self.assertFalse(km.is_alive())
            log.seek(0)
            self.assertRegex(log.read(), "the kernel's sockets failed: Error: Address already in use")
            km.shutdown_kernel(now=True)
        taken.close()

    def test_warns_without_expose_internals_and_survives_an_interrupt(self):
        with tempfile.TemporaryFile("w+") as log:
            km = KernelManager(kernel_name="gradbook")
            km.kernel_spec.argv.remove("--expose-internals")
            km.start_kernel(stderr=log)
            kc = km.client()
            kc.start_channels()
            kc.wait_for_ready(timeout=SLOW)
            kc.execute_interactive("1", timeout=SLOW, silent=True)
            asked = kc.execute("while (true) {}")
            time.sleep(1)
            km.interrupt_kernel()
            reply = kc._recv_reply(asked, timeout=SLOW)["content"]
            self.assertRegex(reply["evalue"], r"^the cell does not stop: .* A restart of the kernel ends it\.$")
            self.assertTrue(km.is_alive())
            kc.stop_channels()
            km.shutdown_kernel(now=True)
            log.seek(0)
            self.assertEqual(
                log.read(),
                "gradbook: a cell that computes without a pause cannot be interrupted, only restarted: Cannot find module "
                "'internal/test/binding'. `npx gradbook setup` or `npx gradbook install` registers the kernel anew, with the "
                "flags that it needs.\n",
            )
