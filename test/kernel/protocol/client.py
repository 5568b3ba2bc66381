"""A client of the installed kernel, with the requests that the tests need."""

import time
import unittest

from jupyter_client.manager import KernelManager

SLOW = 60
HANG = "await new Promise(() => {});"


class Kernel(unittest.TestCase):
    log = None

    @classmethod
    def setUpClass(cls):
        cls.km = KernelManager(kernel_name="gradbook")
        cls.km.start_kernel(stderr=cls.log)
        cls.kc = cls.km.client()
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=SLOW)
        cls.kc.execute_interactive("1", timeout=120, silent=True)

    @classmethod
    def tearDownClass(cls):
        cls.kc.stop_channels()
        cls.km.shutdown_kernel(now=False)

    def setUp(self):
        # Starts a new kernel after one that died, so that only one test fails.
        if not self.km.is_alive():
            self.tearDownClass()
            self.setUpClass()

    def begin(self, code, **options):
        return self.kc.execute(code, **options)

    def outcome(self, msg_id, timeout=SLOW):
        """Returns the reply, and the output of this request until the kernel is idle."""
        shown = []
        while True:
            message = self.kc.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status":
                if content["execution_state"] == "idle":
                    break
            elif kind != "execute_input":
                shown.append((kind, content))
        return self.reply_to(msg_id, timeout), shown

    def reply_to(self, msg_id, timeout=SLOW):
        while True:
            reply = self.kc.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"]

    def control(self, kind, **content):
        """Sends a request on the control channel. @returns the content of its reply"""
        message = self.kc.session.msg(kind, content)
        self.kc.control_channel.send(message)
        while True:
            reply = self.kc.get_control_msg(timeout=SLOW)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                self.assertEqual(reply["msg_type"], kind.replace("_request", "_reply"))
                return reply["content"]

    def run_cell(self, code, timeout=SLOW, **options):
        return self.outcome(self.begin(code, **options), timeout)

    def value(self, code):
        reply, shown = self.run_cell(code)
        self.assertEqual(reply["status"], "ok", reply)
        results = [content["data"]["text/plain"] for kind, content in shown if kind == "execute_result"]
        return results[0] if results else None

    def said_until(self, msg_id):
        """Returns the printed texts until a request is done, each with the request that caused it."""
        said = []
        while True:
            message = self.kc.get_iopub_msg(timeout=SLOW)
            cause, content = message["parent_header"].get("msg_id"), message["content"]
            if message["msg_type"] == "stream":
                said.append((cause, content["text"]))
            if content.get("execution_state") == "idle" and cause == msg_id:
                return said

    def text(self, shown, name="stdout"):
        return "".join(content["text"] for kind, content in shown if kind == "stream" and content["name"] == name)

    def silence(self, seconds=0.6):
        """Returns the messages that still arrive within this time, without states."""
        said = []
        end = time.time() + seconds
        while time.time() < end:
            try:
                message = self.kc.get_iopub_msg(timeout=max(0.01, end - time.time()))
            except Exception:
                break
            if message["msg_type"] != "status":
                said.append(message["content"])
        return said
