"""What a client of the installed kernel sees: python protocol.py -v"""

import hashlib
import hmac
import json
import os
import random
import re
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import zmq
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
        # A kernel that died fails one test, not all behind it.
        if not self.km.is_alive():
            self.tearDownClass()
            self.setUpClass()

    def begin(self, code, **options):
        return self.kc.execute(code, **options)

    def outcome(self, msg_id, timeout=SLOW):
        """The reply, and what was shown under this request until idle."""
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

    def run_cell(self, code, **options):
        return self.outcome(self.begin(code, **options))

    def value(self, code):
        reply, shown = self.run_cell(code)
        self.assertEqual(reply["status"], "ok", reply)
        results = [content["data"]["text/plain"] for kind, content in shown if kind == "execute_result"]
        return results[0] if results else None

    def said_until(self, msg_id):
        """What is printed until a request is done, each piece with the request that caused it."""
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
        """Everything that is still said in this time, but states."""
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


class Cells(Kernel):
    def run_with_module(self, name, source, code):
        """The file of a module `name`.ts, and what came of a cell that has it as `own`."""
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, f"{name}.ts")
            Path(file).write_text(source)
            return (file, *self.run_cell(f"import * as own from {json.dumps(file)};\n{code}"))

    def test_a_closure_sees_a_later_value(self):
        self.run_cell("let z = 4; function h() { return z }")
        self.assertEqual(self.value("z = 10; h()"), "10")

    def test_what_came_before_an_error_stays(self):
        reply, _ = self.run_cell("let before = 5;\nthrow new RangeError('no');")
        self.assertEqual((reply["ename"], reply["evalue"]), ("RangeError", "no"))
        self.assertIn("2 | throw new RangeError('no');", reply["traceback"])
        self.assertEqual(self.value("before"), "5")

    def test_stacks_are_in_lines_of_cells(self):
        reply, _ = self.run_cell("interface A { b: number }\n\nfunction deep(a: any): number {\n  return a.b.c;\n}\n\ndeep({});")
        self.assertRegex("\n".join(reply["traceback"]), r"at deep \(cell \d+:4:14\)\n    at cell \d+:7:1")

    def test_stacks_are_in_lines_of_modules(self):
        source = "interface A {\n  b: number;\n}\nexport function deep(): A {\n  throw new Error('deep');\n}\n"
        file, reply, _ = self.run_with_module("deep", source, "[1].map(() => own.deep())")
        self.assertIn(f"{file}:5:9", "\n".join(reply["traceback"]))
        self.assertIn("cell ", reply["traceback"][0])

    def test_a_type_error_stops_the_cell_at_its_line(self):
        reply, shown = self.run_cell("console.log('ran');\nconst n: number = 'text';")
        self.assertEqual(reply["status"], "error")
        self.assertRegex("\n".join(reply["traceback"]), r"cell \d+:2:7: TS2322: .*\n2 \| const n: number = 'text';\n  \|       ~")
        self.assertEqual(self.text(shown), "")

    def test_a_type_error_in_a_module_is_a_warning_at_its_line(self):
        source = "export const fine = 1;\nexport const n: number = 'text';\n"
        file, reply, shown = self.run_with_module("wrong", source, "own.n")
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(shown[-1][1]["data"]["text/plain"], "'text'")
        self.assertRegex(
            self.text(shown, "stderr"),
            r"^Types in \S+wrong\.ts do not fit; the cell runs all the same\.\n\S+wrong\.ts:2:14: TS2322: Type 'string' is not assignable to type 'number'\.\n2 \| export const n: number = 'text';\n  \|              ~\n$",
        )

    def test_a_module_is_one_instance_for_the_library_and_for_cells(self):
        # Inside the project, whose packages the module imports.
        os.makedirs("runs", exist_ok=True)
        with tempfile.TemporaryDirectory(dir=os.path.abspath("runs")) as folder:
            file = os.path.join(folder, "mine.ts")
            Path(file).write_text(
                'import { component } from "gradbook";\nimport { z } from "zod";\n'
                "const all = globalThis as { loads?: number };\n"
                "export const loads = (all.loads = (all.loads ?? 0) + 1);\n"
                "export const Mine = component(z.strictObject({ width: z.number() }), () => { throw new Error('no plan'); });\n"
                "export const make = () => ({ loads });\n"
            )
            config = os.path.join(folder, "mine.yaml")
            Path(config).write_text("")
            reply, _ = self.run_cell(f"import {{ fromModule, parseModelConfig }} from 'gradbook';\nparseModelConfig({{ readout: {{ type: 'gaussian' }}, convnet: {{ type: './mine.ts#Mine', width: 'x' }} }}, {json.dumps(config)})")
            # It was loaded: its own options are checked.
            self.assertIn("width", reply["evalue"])
            self.assertEqual(self.value(f"const mine = await import({json.dumps(file)}); mine.loads"), "1")
            self.assertEqual(self.value(f"(await fromModule<any>({json.dumps(file + '#make')})).loads"), "1")

    def test_an_error_is_shown_with_its_line_its_properties_and_all_its_causes(self):
        reply, _ = self.run_cell("import { readFile } from 'node:fs/promises';\nawait readFile('/nowhere')")
        shown = "\n".join(reply["traceback"])
        self.assertIn("2 | await readFile('/nowhere')\n  | ^\n", shown)
        self.assertIn("{ errno: -2, code: 'ENOENT', syscall: 'open', path: '/nowhere' }", shown)
        reply, _ = self.run_cell("const deep = new TypeError('deep', { cause: 'root' });\nconst middle = new Error('middle', { cause: deep });\ndeep.cause = [middle, 'root'];\nthrow Object.assign(new Error('top', { cause: middle }), { code: 7 })")
        lines = [line.strip() for line in "\n".join(reply["traceback"]).split("\n") if " at " not in line]
        self.assertEqual(lines[4:8], ["Error: top", "{ code: 7 }", "caused by Error: middle", "caused by TypeError: deep"])
        circle, _ = self.run_cell("const round = new Error('round');\nround.cause = round;\nthrow round")
        self.assertNotIn("caused by", "\n".join(circle["traceback"]))

    def test_the_cells_line_is_shown_below_the_frames_of_a_library(self):
        reply, _ = self.run_cell("import { tf } from 'gradbook';\ntf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))")
        self.assertIn("2 | tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))\n  |    ^\n", "\n".join(reply["traceback"]))
        reply, _ = self.run_cell("function down(): number { return down() + 1 }\ndown()")
        self.assertEqual(sum("at down" in line for line in reply["traceback"]), 3)

    def test_marks_stand_below_their_words_also_behind_tabs(self):
        reply, _ = self.run_cell("\tthrow new Error('no');")
        self.assertIn("1 | \tthrow new Error('no');\n  | \t      ^", "\n".join(reply["traceback"]))
        reply, _ = self.run_cell("\tconst n: number = 'text';")
        self.assertIn("1 | \tconst n: number = 'text';\n  | \t      ~", "\n".join(reply["traceback"]))

    def test_anything_may_be_thrown(self):
        reply, _ = self.run_cell("throw 'words'")
        self.assertEqual((reply["ename"], reply["evalue"]), ("Thrown", "words"))
        reply, _ = self.run_cell("throw undefined")
        self.assertEqual(reply["evalue"], "undefined")

    def test_silent_and_unstored_cells_are_not_counted(self):
        first = self.run_cell("1")[0]["execution_count"]
        reply, shown = self.run_cell("2", silent=True)
        self.assertEqual([kind for kind, _ in shown], [])
        self.run_cell("3", store_history=False)
        self.assertEqual(self.run_cell("4")[0]["execution_count"], first + 1)

    def test_user_expressions(self):
        reply, _ = self.run_cell("let u = 3", user_expressions={"twice": "u * 2", "wrong": "nobody"})
        self.assertEqual(reply["user_expressions"]["twice"]["data"]["text/plain"], "6")
        self.assertEqual(reply["user_expressions"]["wrong"]["status"], "error")

    def test_cells_behind_an_error_are_skipped_and_those_behind_an_expected_one_are_not(self):
        failing = self.begin("await new Promise(r => setTimeout(r, 100)); throw new Error('x')")
        behind = self.begin("1")
        self.outcome(failing)
        self.assertEqual(self.outcome(behind)[0], {"status": "aborted"})
        failing = self.begin("await new Promise(r => setTimeout(r, 100)); throw new Error('x')", stop_on_error=False)
        behind = self.begin("1")
        self.outcome(failing)
        self.assertEqual(self.outcome(behind)[0]["status"], "ok")

    def test_process_exit_ends_the_cell(self):
        reply, _ = self.run_cell("process.exit(3)")
        self.assertIn("process.exit(3) was called: it ends this cell", reply["evalue"])
        reply, _ = self.run_cell(f"setTimeout(() => process.exit(), 20); {HANG}")
        self.assertIn("process.exit() was called", reply["evalue"])
        self.assertEqual(self.value("1 + 1"), "2")

    def test_input(self):
        asked = self.begin("import { input } from 'gradbook'; await input('name? ')", allow_stdin=True)
        request = self.kc.get_stdin_msg(timeout=SLOW)
        self.assertEqual(request["content"], {"prompt": "name? ", "password": False})
        self.kc.input("Ada")
        _, shown = self.outcome(asked)
        self.assertEqual(shown[-1][1]["data"]["text/plain"], "'Ada'")
        reply, _ = self.run_cell("import { input } from 'gradbook'; await input()", allow_stdin=False)
        self.assertEqual(reply["evalue"], "this front end asks nobody for input")


class Output(Kernel):
    def test_a_burst_arrives_whole_and_in_order(self):
        _, shown = self.run_cell("for (let i = 0; i < 5000; i++) console.log(i)")
        self.assertEqual(self.text(shown).split(), [str(i) for i in range(5000)])

    def test_half_an_emoji_is_replaced_since_no_file_can_hold_it(self):
        _, shown = self.run_cell(r"console.log('cut 😀'.slice(0, 5), '\\ud800'); 'cut 😀'.slice(0, 5)")
        self.assertEqual(self.text(shown), "cut \ufffd \\ud800\n")
        self.assertEqual(shown[-1][1]["data"]["text/plain"], r"'cut \ud83d'")

    def test_output_goes_to_the_cell_that_caused_it(self):
        first = self.begin("setTimeout(() => console.log('late'), 300); 1")
        self.outcome(first)
        second = self.begin("await new Promise(r => setTimeout(r, 700)); console.log('second')")
        self.assertEqual(self.said_until(second), [(first, "late\n"), (second, "second\n")])

    def test_children_and_native_writes(self):
        _, shown = self.run_cell("import { execSync, spawn } from 'node:child_process';\nexecSync('echo child; echo error >&2', { stdio: 'inherit' }); console.log('then'); null")
        self.assertEqual((self.text(shown), self.text(shown, "stderr")), ("child\nthen\n", "error\n"))
        _, shown = self.run_cell("await new Promise(r => spawn('echo', ['asynchronous'], { stdio: 'inherit' }).on('close', r))")
        self.assertEqual(self.text(shown), "asynchronous\n")
        _, shown = self.run_cell("import { writeSync } from 'node:fs';\nwriteSync(1, 'native\\n'); console.log('then')")
        self.assertEqual(self.text(shown), "native\nthen\n")

    def test_a_child_is_heard_in_the_cell_that_started_it(self):
        first = self.begin("import { spawn, execSync } from 'node:child_process';\nspawn('sh', ['-c', 'sleep 0.3; echo from the first'], { stdio: 'inherit' }); 1")
        second = self.begin("await new Promise(r => setTimeout(r, 700)); execSync('echo from the second', { stdio: 'inherit' }); 2")
        third = self.begin("console.log('third')")
        self.assertEqual(self.said_until(third), [(first, "from the first\n"), (second, "from the second\n"), (third, "third\n")])
        for request in (first, second, third):
            self.reply_to(request)

    def test_a_child_in_the_background_is_heard_in_the_cell_that_started_it(self):
        first = self.begin("import { execSync } from 'node:child_process';\nexecSync('(sleep 0.5; echo behind; echo lost >&2) & echo before', { stdio: 'inherit' }); 1")
        self.assertEqual(self.text(self.outcome(first)[1]), "before\n")
        second = self.begin("execSync('sleep 1; echo second', { stdio: 'inherit' }); 2")
        self.assertEqual(sorted(self.said_until(second)), sorted([(first, "behind\n"), (first, "lost\n"), (second, "second\n")]))
        self.reply_to(second)

    @unittest.skipUnless(Path("/proc/self/fd").exists(), "counted in Linux's /proc")
    def test_many_cells_leave_no_descriptors_open(self):
        count = "(await import('node:fs')).readdirSync('/proc/self/fd').length"
        before = int(self.value(count))
        for _ in range(30):
            self.run_cell("1")
        self.assertLess(int(self.value(count)), before + 5)

    def test_an_unhandled_rejection_is_shown_where_it_arose(self):
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

    def test_displays_are_whole_bundles_and_are_updated_by_id(self):
        _, shown = self.run_cell("import { newDisplay } from 'gradbook';\nconst handle = newDisplay({ 'text/plain': 'a', 'text/html': '<i>a</i>' });\nhandle.update({ 'text/plain': 'b' });")
        self.assertEqual([kind for kind, _ in shown], ["display_data", "update_display_data"])
        self.assertEqual(shown[0][1]["data"], {"text/plain": "a", "text/html": "<i>a</i>"})
        self.assertEqual(shown[0][1]["transient"], shown[1][1]["transient"])

    def test_an_object_draws_itself(self):
        _, shown = self.run_cell("({ [Symbol.for('Jupyter.display')]() { return { 'text/html': '<b>me</b>', 'text/plain': 'me' } } })")
        self.assertEqual(shown[0][1]["data"], {"text/html": "<b>me</b>", "text/plain": "me"})
        reply, _ = self.run_cell("({ [Symbol.for('Jupyter.display')]() { return 'me' } })")
        self.assertEqual(
            reply["evalue"],
            "[Symbol.for(\"Jupyter.display\")]() gave 'me': it has to give an object of MIME types, such as { \"text/plain\": \"...\" }",
        )

    def test_a_tensor_is_shown_with_statistics_and_a_picture(self):
        _, shown = self.run_cell("import { tf } from 'gradbook'; tf.tensor2d([[0, 1], [2, 3]])")
        data = [content for kind, content in shown if kind == "execute_result"][0]["data"]
        self.assertTrue(data["text/plain"].startswith("Tensor [2, 2] float32\nmin 0, mean 1.500, max 3, std 1.118"), data["text/plain"])
        self.assertIn("data:image/png;base64,iVBOR", data["text/html"])


    def test_a_configuration_is_shown_as_a_table(self):
        _, shown = self.run_cell("import { parseModelConfig } from 'gradbook'; parseModelConfig({ readout: { type: 'gaussian' } }, 'mine')")
        data = [content for kind, content in shown if kind == "execute_result"][0]["data"]
        self.assertTrue(data["text/html"].startswith("<table><caption>model of mine</caption>"), data["text/html"])
        self.assertIn('\nreadout.type', data["text/plain"])


class Comms(Kernel):
    def ask(self, kind, content):
        """What is said about a message of the front end's, until idle."""
        message = self.kc.session.msg(kind, content)
        self.kc.shell_channel.send(message)
        said = []
        while True:
            heard = self.kc.get_iopub_msg(timeout=SLOW)
            if heard["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if heard["content"].get("execution_state") == "idle":
                return message["header"]["msg_id"], said
            if heard["msg_type"] != "status":
                said.append((heard["msg_type"], heard["content"]))

    def open_comms(self, **content):
        asked, _ = self.ask("comm_info_request", content)
        return self.reply_to(asked)

    def test_a_target_that_nobody_knows_is_closed_again(self):
        _, said = self.ask("comm_open", {"comm_id": "a", "target_name": "nobody", "data": {}})
        self.assertEqual(said, [("comm_close", {"comm_id": "a", "data": {}})])
        self.assertEqual(self.open_comms(), {"status": "ok", "comms": {}})

    def test_a_comm_is_opened_answers_and_is_closed(self):
        self.run_cell(
            "const comms = (globalThis as any)[Symbol.for('gradbook.kernel')].comms;\n"
            "comms.register('echo', (comm: any, data: any) => { comm.send({ hello: data.name }); comm.onMessage = (data: any) => comm.send({ echo: data }); });"
        )
        _, said = self.ask("comm_open", {"comm_id": "b", "target_name": "echo", "data": {"name": "Ada"}})
        self.assertEqual(said, [("comm_msg", {"comm_id": "b", "data": {"hello": "Ada"}})])
        self.assertEqual(self.open_comms(target_name="echo")["comms"], {"b": {"target_name": "echo"}})
        self.assertEqual(self.open_comms(target_name="other")["comms"], {})
        _, said = self.ask("comm_msg", {"comm_id": "b", "data": {"n": 1}})
        self.assertEqual(said, [("comm_msg", {"comm_id": "b", "data": {"echo": {"n": 1}}})])
        self.ask("comm_close", {"comm_id": "b", "data": {}})
        self.assertEqual(self.open_comms()["comms"], {})
        self.assertEqual(self.ask("comm_msg", {"comm_id": "b", "data": {}})[1], [])

    def test_a_cell_opens_a_comm(self):
        _, shown = self.run_cell("const mine = (globalThis as any)[Symbol.for('gradbook.kernel')].comms.connect('widget', { n: 2 }); mine.close();")
        self.assertEqual([kind for kind, _ in shown], ["comm_open", "comm_close"])
        self.assertEqual((shown[0][1]["target_name"], shown[0][1]["data"]), ("widget", {"n": 2}))


class Interrupts(Kernel):
    def stopped(self, code, after=0.4, evalue="the cell was stopped"):
        self.run_cell("let kept = 7;")
        running = self.begin(code)
        time.sleep(after)
        begun = time.time()
        self.km.interrupt_kernel()
        reply, shown = self.outcome(running)
        # 0.9 s by design; a loaded test machine may take longer.
        self.assertLess(time.time() - begun, 3)
        self.assertEqual(reply["status"], "error")
        self.assertEqual(reply["ename"], "Interrupted")
        self.assertIn(evalue, reply["evalue"])
        self.assertEqual(self.silence(), [])
        self.assertEqual(self.value("kept"), "7")

    def test_a_synchronous_loop(self):
        self.stopped("while (true) {}")

    def test_a_loop_that_catches_everything(self):
        self.stopped("while (true) { try { while (true) {} } catch {} }")

    def test_a_loop_of_microtasks(self):
        self.stopped("for (;;) await 0;")

    def test_a_loop_of_microtasks_ends_wherever_it_is_stopped(self):
        # In Node's own hooks as in the loop itself, each time somewhere else.
        for _ in range(8):
            self.run_cell("let kept = 7;")
            running = self.begin("for (;;) await Promise.all([0, 1].map(async () => { await 0; }));")
            time.sleep(0.3)
            self.km.interrupt_kernel()
            self.assertEqual(self.outcome(running)[0]["ename"], "Interrupted")
            self.assertEqual(self.value("kept"), "7")

    def test_a_loop_after_an_await(self):
        self.stopped("await new Promise(r => setTimeout(r, 20)); while (true) {}")

    def test_a_loop_that_sleeps_and_prints(self):
        self.stopped("for (;;) { await new Promise(r => setTimeout(r, 30)); console.log('tick'); }")

    def test_a_loop_in_a_timer(self):
        self.stopped(f"setTimeout(() => {{ while (true) {{}} }}, 10); {HANG}")

    def test_a_loop_that_an_earlier_cell_left_behind(self):
        left = self.begin("const left = setInterval(() => { while (true) {} }, 10);")
        self.outcome(left)
        time.sleep(0.3)
        behind = self.begin("6 * 7")
        time.sleep(0.3)
        self.km.interrupt_kernel()
        self.assertEqual(
            self.said_until(behind),
            [(left, "Interrupted: what this cell left running was stopped, its timers too.\n")],
        )
        self.assertEqual(self.reply_to(behind)["status"], "ok")

    def test_a_pending_await(self):
        self.stopped(HANG)

    def test_a_wait_for_another_thread(self):
        self.stopped("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)")

    def test_a_native_call(self):
        self.stopped("import { execSync } from 'node:child_process';\nexecSync('sleep 4'); console.log('after')", evalue="what it called still runs")

    def test_what_listens_saves_and_returns(self):
        running = self.begin(
            "const signal = (globalThis as any)[Symbol.for('gradbook.signal')] as AbortSignal;\n"
            "await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 1500)));\n"
            "console.log('saved'); 'returned'"
        )
        time.sleep(0.4)
        self.km.interrupt_kernel()
        reply, shown = self.outcome(running)
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(self.text(shown), "saved\n")
        self.assertIn("Stop once more", self.text(shown, "stderr"))

    def test_what_goes_on_without_a_cell_is_stopped_in_order(self):
        self.run_cell("let heard = 0; process.once('SIGINT', () => { heard++; });")
        self.km.interrupt_kernel()
        self.assertEqual(self.value("await new Promise(r => setTimeout(r, 100)); heard"), "1")
        self.stopped("while (true) {}")

    def test_the_second_stop_ends_what_saves(self):
        running = self.begin(f"process.on('SIGINT', () => {{}}); {HANG}")
        time.sleep(0.4)
        self.km.interrupt_kernel()
        time.sleep(0.1)
        self.km.interrupt_kernel()
        self.assertEqual(self.outcome(running)[0]["ename"], "Interrupted")
        self.run_cell("process.removeAllListeners('SIGINT'); 1")

    def test_the_heart_beats_during_a_native_call(self):
        running = self.begin("import { execSync } from 'node:child_process';\nexecSync('sleep 5'); 1")
        time.sleep(0.3)
        beat = zmq.Context.instance().socket(zmq.REQ)
        beat.connect(f"tcp://{self.km.ip}:{self.km.hb_port}")
        beat.send(b"ping")
        self.assertTrue(beat.poll(1500))
        self.assertEqual(beat.recv(), b"ping")
        beat.close(0)
        self.outcome(running)


class Launched(Kernel):
    """A training on two devices: processes of their own, which the cell waits for."""

    def answered(self, ask):
        """Seconds until a request had its answer."""
        begun = time.time()
        self.assertIsNotNone(ask())
        return time.time() - begun

    def wait_for_steps(self, events):
        end = time.time() + SLOW
        while not (events.exists() and '"event":"step"' in events.read_text()):
            self.assertLess(time.time(), end, "no step within a minute")
            time.sleep(0.1)

    def test_the_kernel_answers_meanwhile_and_stop_saves_and_leaves_no_process(self):
        with tempfile.TemporaryDirectory() as folder:
            running = self.begin(
                'import { loadExperiment, Trainer } from "gradbook";\n'
                'const files = { model: "configs/models/quickstart.yaml", sessions: "configs/sessions/demo.yaml" };\n'
                f"const at = {{ dir: {json.dumps(folder)}, name: 'two', devices: 2, accelerator: 'cpu' as const }};\n"
                "const trainer = new Trainer({ ...at, maxEpochs: 1000, stepsPerEpoch: 20, batchSize: 16 });\n"
                "const run = await trainer.fit(await loadExperiment(files));\n"
                "run.stopped"
            )
            self.wait_for_steps(Path(folder, "two", "events.jsonl"))
            for _ in range(5):
                info = lambda: self.kc.kernel_info(reply=True, timeout=SLOW)
                complete = lambda: self.kc.complete("trainer.f", reply=True, timeout=SLOW)
                # Far below an epoch; alone on a machine it is a hundredth of a second.
                self.assertLess(self.answered(info), 2)
                self.assertLess(self.answered(complete), 2)
            self.km.interrupt_kernel()
            reply, shown = self.outcome(running)
            self.assertEqual(reply["status"], "ok", reply)
            results = [content["data"]["text/plain"] for kind, content in shown if kind == "execute_result"]
            self.assertEqual(results, ["'interrupted'"])
            self.assertTrue(Path(folder, "two", "checkpoints", "last.safetensors").exists())
            self.assertEqual(subprocess.run(["pgrep", "-f", folder], capture_output=True, text=True).stdout, "")


class Safety(Kernel):
    @classmethod
    def setUpClass(cls):
        cls.log = tempfile.TemporaryFile("w+")
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.log.close()

    def shell(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.connect(f"tcp://{self.km.ip}:{self.km.shell_port}")
        return socket

    def frames(self, *parts):
        key = self.km.session.key
        return [b"<IDS|MSG>", hmac.new(key, b"".join(parts[:4]), hashlib.sha256).hexdigest().encode(), *parts]

    def header(self, kind):
        return json.dumps({"msg_id": os.urandom(4).hex(), "msg_type": kind, "session": "s", "username": "u", "date": "", "version": "5.3"}).encode()

    def test_a_wrong_signature_is_dropped(self):
        socket = self.shell()
        parts = self.frames(self.header("kernel_info_request"), b"{}", b"{}", b"{}")
        socket.send_multipart([parts[0], b"0" * 64, *parts[2:]])
        self.assertFalse(socket.poll(500))
        socket.send_multipart(parts)
        self.assertTrue(socket.poll(5000))
        socket.close(0)

    def test_it_listens_at_its_address_only(self):
        listening = subprocess.run(f"ss -ltnH 2>/dev/null | grep ':{self.km.shell_port} '", shell=True, capture_output=True, text=True).stdout
        if listening:
            self.assertIn(f"{self.km.ip}:{self.km.shell_port}", listening)
        elsewhere = zmq.Context.instance().socket(zmq.DEALER)
        elsewhere.connect(f"tcp://127.0.0.2:{self.km.shell_port}")
        elsewhere.send_multipart(self.frames(self.header("kernel_info_request"), b"{}", b"{}", b"{}"))
        self.assertFalse(elsewhere.poll(500))
        elsewhere.close(0)

    def test_fuzz(self):
        draw = random.Random(7)
        kinds = ["execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request", "comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request", "interrupt_request", "nonsense", "__proto__", "constructor", ""]
        contents = [b"{}", b"[]", b"null", b"1", b"{", b"", b"\xff\xfe", b'{"code":1}', b'{"code":{"a":[]},"cursor_pos":"x"}', b'{"code":"1","cursor_pos":-5}', b'{"code":"1","cursor_pos":1e9,"detail_level":"9"}', b'{"hist_access_type":"range","start":"a"}', b'{"code":"1","user_expressions":[1,null]}', b'{"code":"1","user_expressions":"text"}', b'{"comm_id":null,"data":3,"target_name":{}}', b'{"hist_access_type":"search","pattern":"[(*","n":-1}']
        channels = [self.shell()]
        for port in (self.km.control_port, self.km.stdin_port):
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.connect(f"tcp://{self.km.ip}:{port}")
            channels.append(socket)
        for _ in range(600):
            socket = draw.choice(channels)
            parts = self.frames(self.header(draw.choice(kinds)), b"{}", b"{}", draw.choice(contents), os.urandom(draw.choice([0, 10, 1000])))
            change = draw.random()
            if change < 0.2:
                parts = parts[: draw.randrange(len(parts))]
            elif change < 0.4:
                parts[draw.randrange(len(parts))] = os.urandom(draw.choice([0, 3, 200]))
            elif change < 0.45:
                parts = [os.urandom(20) for _ in range(draw.randrange(1, 9))]
            socket.send_multipart(parts or [b""])
        channels[0].send_multipart(self.frames(self.header("execute_request"), b"{}", b"{}", json.dumps({"code": "// " + "x" * 20_000_000}).encode()))
        channels[0].send_multipart(self.frames(self.header("comm_msg"), b"{}", b"{}", b"{}", os.urandom(30_000_000)))
        for socket in channels:
            socket.close(2000)
        time.sleep(1)
        self.assertEqual(self.value("20 + 22"), "42")
        self.assertTrue(self.km.is_alive())
        self.log.seek(0)
        for line in self.log:
            self.assertRegex(line, "^a message on (shell|control|stdin) was dropped: ")


class Life(unittest.TestCase):
    def test_shutdown_while_a_cell_loops(self):
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

    def test_signatures_by_other_hashes_and_none_at_all(self):
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

    def test_a_port_that_is_taken_is_said_in_jupyters_log(self):
        taken = zmq.Context.instance().socket(zmq.REP)
        port = taken.bind_to_random_port("tcp://127.0.0.1")
        with tempfile.TemporaryFile("w+") as log:
            km = KernelManager(kernel_name="gradbook", shell_port=port, cache_ports=False)
            km.start_kernel(stderr=log)
            deadline = time.time() + SLOW
            while km.is_alive() and time.time() < deadline:
                time.sleep(0.1)
            log.seek(0)
            self.assertRegex(log.read(), "the kernel's sockets failed: Error: Address already in use")
            km.shutdown_kernel(now=True)
        taken.close()


if __name__ == "__main__":
    unittest.main()
