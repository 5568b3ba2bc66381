"""Printed output and displays, and the cells to which they belong."""

import unittest
from pathlib import Path

from client import SLOW, Kernel


class Output(Kernel):
    def test_sends_a_burst_of_lines_completely_and_in_order(self):
        _, shown = self.run_cell("for (let i = 0; i < 5000; i++) console.log(i)")
        self.assertEqual(self.text(shown).split(), [str(i) for i in range(5000)])

    def test_replaces_half_an_emoji_which_no_file_can_hold(self):
        _, shown = self.run_cell(r"console.log('cut 😀'.slice(0, 5), '\\ud800'); 'cut 😀'.slice(0, 5)")
        self.assertEqual(self.text(shown), "cut \ufffd \\ud800\n")
        self.assertEqual(shown[-1][1]["data"]["text/plain"], r"'cut \ud83d'")

    def test_writes_text_in_any_encoding_and_bounds_the_text_of_a_value(self):
        _, shown = self.run_cell("process.stdout.write('aGkK', 'base64'); process.stdout.write('6869', 'hex'); process.stdout.write('é', 'utf8'); null")
        self.assertEqual(self.text(shown), "hi\nhié")
        many = self.value("Object.fromEntries(Array.from({ length: 50000 }, (_, i) => ['key' + i, i]))")
        self.assertRegex(many[-60:], r"\n\.\.\. \d+ more characters$")
        self.assertLess(len(many), 210_000)

    def test_attributes_late_output_to_the_cell_that_caused_it(self):
        first = self.begin("setTimeout(() => console.log('late'), 300); 1")
        self.outcome(first)
        second = self.begin("await new Promise(r => setTimeout(r, 700)); console.log('second')")
        self.assertEqual(self.said_until(second), [(first, "late\n"), (second, "second\n")])

    def test_shows_the_output_of_child_processes_and_native_code(self):
        _, shown = self.run_cell("import { execSync, spawn } from 'node:child_process';\nexecSync('echo child; echo error >&2', { stdio: 'inherit' }); console.log('then'); null")
        self.assertEqual((self.text(shown), self.text(shown, "stderr")), ("child\nthen\n", "error\n"))
        _, shown = self.run_cell("await new Promise(r => spawn('echo', ['asynchronous'], { stdio: 'inherit' }).on('close', r))")
        self.assertEqual(self.text(shown), "asynchronous\n")
        _, shown = self.run_cell("import { writeSync } from 'node:fs';\nwriteSync(1, 'native\\n'); console.log('then')")
        self.assertEqual(self.text(shown), "native\nthen\n")

    def test_attributes_the_output_of_a_child_process_to_its_cell(self):
        first = self.begin("import { spawn, execSync } from 'node:child_process';\nspawn('sh', ['-c', 'sleep 0.3; echo from the first'], { stdio: 'inherit' }); 1")
        second = self.begin("await new Promise(r => setTimeout(r, 700)); execSync('echo from the second', { stdio: 'inherit' }); 2")
        third = self.begin("console.log('third')")
        self.assertEqual(self.said_until(third), [(first, "from the first\n"), (second, "from the second\n"), (third, "third\n")])
        for request in (first, second, third):
            self.reply_to(request)

    def test_attributes_the_output_of_a_background_child_to_its_cell(self):
        first = self.begin("import { execSync } from 'node:child_process';\nexecSync('(sleep 0.5; echo behind; echo lost >&2) & echo before', { stdio: 'inherit' }); 1")
        self.assertEqual(self.text(self.outcome(first)[1]), "before\n")
        second = self.begin("execSync('sleep 1; echo second', { stdio: 'inherit' }); 2")
        self.assertEqual(sorted(self.said_until(second)), sorted([(first, "behind\n"), (first, "lost\n"), (second, "second\n")]))
        self.reply_to(second)

    @unittest.skipUnless(Path("/proc/self/fd").exists(), "counted in Linux's /proc")
    def test_leaves_no_descriptors_open_after_many_cells(self):
        count = "(await import('node:fs')).readdirSync('/proc/self/fd').length"
        before = int(self.value(count))
        for _ in range(30):
            self.run_cell("1")
        self.assertLess(int(self.value(count)), before + 5)

    def test_shows_an_unhandled_rejection_below_its_cell(self):
        first = self.begin("setTimeout(() => Promise.reject(new Error('lost')), 200); 1")
        self.outcome(first)
        second = self.begin("await new Promise(r => setTimeout(r, 600))")
        shown = []
        while True:
            message = self.kc.get_iopub_msg(timeout=SLOW)
            if message["msg_type"] == "stream":
                shown.append((message["parent_header"]["msg_id"], message["content"]["text"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle" and message["parent_header"].get("msg_id") == second:
                break
        self.assertEqual([parent for parent, _ in shown], [first])
        self.assertIn("Error: lost", shown[0][1])

    def test_displays_whole_bundles_and_updates_them_by_id(self):
        _, shown = self.run_cell("import { newDisplay } from 'gradbook';\nconst handle = newDisplay({ 'text/plain': 'a', 'text/html': '<i>a</i>' });\nhandle.update({ 'text/plain': 'b' });")
        self.assertEqual([kind for kind, _ in shown], ["display_data", "update_display_data"])
        self.assertEqual(shown[0][1]["data"], {"text/plain": "a", "text/html": "<i>a</i>"})
        self.assertEqual(shown[0][1]["transient"], shown[1][1]["transient"])

    def test_display_shows_a_value_as_the_last_value_of_a_cell(self):
        for value in ("tf.tensor1d([1, 2])", "[1, 'two']", "{ three: 3 }", "null", "'four'", "new Map([[5, 6]])"):
            _, last = self.run_cell(f"import {{ display, tf }} from 'gradbook';\n({value})")
            _, shown = self.run_cell(f"display({value})")
            self.assertEqual([kind for kind, _ in shown], ["display_data"])
            self.assertEqual(shown[0][1]["data"], last[0][1]["data"])

    def test_uses_the_display_method_of_an_object(self):
        _, shown = self.run_cell("({ [Symbol.for('Jupyter.display')]() { return { 'text/html': '<b>me</b>', 'text/plain': 'me' } } })")
        self.assertEqual(shown[0][1]["data"], {"text/html": "<b>me</b>", "text/plain": "me"})
        reply, _ = self.run_cell("({ [Symbol.for('Jupyter.display')]() { return 'me' } })")
        self.assertEqual(
            reply["evalue"],
            "[Symbol.for(\"Jupyter.display\")]() gave 'me': it has to give an object of MIME types, such as { \"text/plain\": \"...\" }",
        )

    def test_shows_a_tensor_with_statistics_and_a_picture(self):
        _, shown = self.run_cell("import { tf } from 'gradbook'; tf.tensor2d([[0, 1], [2, 3]])")
        data = [content for kind, content in shown if kind == "execute_result"][0]["data"]
        self.assertTrue(data["text/plain"].startswith("Tensor [2, 2] float32\nmin 0, mean 1.500, max 3, std 1.118"), data["text/plain"])
        self.assertIn("data:image/png;base64,iVBOR", data["text/html"])


    def test_shows_a_configuration_as_a_table(self):
        _, shown = self.run_cell("import { parseModelConfig } from 'gradbook'; parseModelConfig({ readout: { type: 'gaussian' } }, 'mine')")
        data = [content for kind, content in shown if kind == "execute_result"][0]["data"]
        self.assertTrue(data["text/html"].startswith("<table><caption>model of mine</caption>"), data["text/html"])
        self.assertIn('\nreadout.type', data["text/plain"])
