"""Subshells, which run cells while another cell awaits something, and the report of resources."""

import time

from client import HANG, SLOW, Kernel


class Subshells(Kernel):
    def made(self):
        """Makes a subshell for one test."""
        subshell = self.control("create_subshell_request")["subshell_id"]
        self.addCleanup(self.control, "delete_subshell_request", subshell_id=subshell)
        return subshell

    def begin_in(self, subshell, code, **options):
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, **options}
        message = self.kc.session.msg("execute_request", content)
        message["header"]["subshell_id"] = subshell
        self.kc.shell_channel.send(message)
        return message["header"]["msg_id"]

    def test_are_announced_made_listed_and_deleted(self):
        self.assertIn("kernel subshells", self.kc.kernel_info(reply=True, timeout=SLOW)["content"]["supported_features"])
        made = self.control("create_subshell_request")["subshell_id"]
        self.assertEqual(self.control("list_subshell_request"), {"status": "ok", "subshell_id": [made]})
        self.assertEqual(self.control("delete_subshell_request", subshell_id=made), {"status": "ok"})
        self.assertEqual(self.control("list_subshell_request")["subshell_id"], [])
        refused = self.control("delete_subshell_request", subshell_id=made)
        self.assertEqual((refused["ename"], refused["evalue"]), ("SubshellError", f"there is no subshell with the id {made}"))
        self.assertEqual(self.reply_to(self.begin_in(made, "1"))["ename"], "SubshellError")

    def test_run_cells_while_another_cell_awaits(self):
        subshell = self.made()
        running = self.begin("let steps = 0;\nwhile (steps < 30) { steps++; await new Promise((resolve) => setTimeout(resolve, 100)); }\n'trained'")
        self.run_in(subshell, "1")
        _, shown = self.run_in(subshell, "console.log('looked'); [steps > 0, steps < 30]")
        results = [content["data"]["text/plain"] for kind, content in shown if kind == "execute_result"]
        self.assertEqual((results, self.text(shown)), (["[ true, true ]"], "looked\n"))
        reply, shown = self.run_in(subshell, "let bad: number = 'text'")
        self.assertEqual((reply["status"], reply["ename"], shown[-1][0]), ("error", "TypeError", "error"))
        reply, _ = self.run_in(subshell, "throw new RangeError('no')")
        self.assertEqual(reply["evalue"], "no")
        self.assertEqual(self.outcome(running)[0]["status"], "ok")
        self.assertEqual(self.value("steps"), "30")

    def stop_in(self, subshell, code):
        """Stops a cell of a subshell, which then runs the next one."""
        running = self.begin_in(subshell, code)
        time.sleep(0.4)
        begun = time.time()
        self.km.interrupt_kernel()
        reply, shown = self.outcome(running)
        self.assertLess(time.time() - begun, 3)
        self.assertEqual([kind for kind, _ in shown], ["error"])
        self.assertEqual((reply["ename"], reply["evalue"]), ("Interrupted", "the cell was stopped"))
        self.assertEqual(self.run_in(subshell, "1 + 1")[1][-1][1]["data"]["text/plain"], "2")

    def test_a_stop_ends_cells_of_subshells(self):
        subshell = self.made()
        self.stop_in(subshell, "while (true) {}")
        self.stop_in(subshell, "for (;;) await 0;")
        self.stop_in(subshell, "await 0; for (;;) { try { for (;;) {} } catch {} }")
        self.stop_in(subshell, HANG)
        self.stop_in(subshell, "while (true) await new Promise((resolve) => setTimeout(resolve, 10));")

    def stop_while_blocked(self, subshell, running):
        """Stops a cell of the main shell while a cell of the subshell blocks the main thread. @returns the replies of both"""
        time.sleep(0.4)
        blocking = self.begin_in(subshell, "while (true) {}")
        time.sleep(0.4)
        self.km.interrupt_kernel()
        replies = {}
        while len(replies) < 2:
            message = self.kc.get_shell_msg(timeout=SLOW)
            replies[message["parent_header"]["msg_id"]] = message["content"]
        return replies[running], replies[blocking]

    def test_a_stop_of_a_training_that_a_subshell_blocks_lets_the_training_save(self):
        subshell = self.made()
        signal = "(globalThis as any)[Symbol.for('gradbook.signal')]"
        training = self.begin(f"await new Promise((resolve) => {signal}.addEventListener('abort', resolve));\n'saved'")
        saved, stopped = self.stop_while_blocked(subshell, training)
        self.assertEqual(stopped["ename"], "Interrupted")
        self.assertEqual(saved["status"], "ok")

    def test_a_stop_of_an_awaiting_cell_ends_the_loop_of_a_subshell_too(self):
        subshell = self.made()
        self.run_cell("let kept = 7;")
        waiting = self.begin(HANG)
        replies = self.stop_while_blocked(subshell, waiting)
        self.assertEqual([one["ename"] for one in replies], ["Interrupted", "Interrupted"])
        self.assertEqual(self.value("kept"), "7")

    def run_in(self, subshell, code):
        return self.outcome(self.begin_in(subshell, code))

    def test_reports_the_use_of_resources(self):
        self.control("usage_request")
        usage = self.control("usage_request")
        self.assertEqual(usage["pid"], int(self.value("process.pid")))
        self.assertGreater(usage["kernel_memory"], 10e6)
        self.assertGreaterEqual(usage["kernel_cpu"], 0)
        self.assertGreater(usage["host_virtual_memory"]["total"], usage["host_virtual_memory"]["used"])
