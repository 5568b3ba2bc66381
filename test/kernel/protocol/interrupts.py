"""The stop button: any cell ends within a second, and the kernel goes on."""

import json
import tempfile
import time
from pathlib import Path

import zmq

from client import HANG, SLOW, Kernel

#: A text whose parsing takes about 10 ms.
LONG_TEXT = "JSON.stringify(Array.from({ length: 3e4 }, (_, i) => ({ i, s: 'x'.repeat(i % 50) })))"


class Interrupts(Kernel):
    def stopped(self, code, after=0.4, evalue="the cell was stopped"):
        """Stops a cell, and checks that the kernel has kept its state."""
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

    def test_stops_a_synchronous_loop(self):
        self.stopped("while (true) {}")

    def test_stops_a_dialog_that_waits_for_an_answer(self):
        self.stopped("prompt('Name?')")
        self.stopped("await new Promise(r => setTimeout(r, 50)); confirm('Sure?')")
        asked = self.begin("prompt('Name?')")
        while self.kc.get_stdin_msg(timeout=SLOW)["parent_header"]["msg_id"] != asked:
            pass
        self.kc.input("Ada")
        self.assertEqual(self.outcome(asked)[1][-1][1]["data"]["text/plain"], "'Ada'")

    def test_stops_a_loop_that_catches_all_errors(self):
        self.stopped("while (true) { try { while (true) {} } catch {} }")

    def test_stops_a_loop_of_microtasks(self):
        self.stopped("for (;;) await 0;")

    def test_stops_a_loop_of_microtasks_at_any_point(self):
        # Each stop hits another place: Node's own hooks or the loop itself.
        for _ in range(8):
            self.run_cell("let kept = 7;")
            running = self.begin("for (;;) await Promise.all([0, 1].map(async () => { await 0; }));")
            time.sleep(0.3)
            self.km.interrupt_kernel()
            self.assertEqual(self.outcome(running)[0]["ename"], "Interrupted")
            self.assertEqual(self.value("kept"), "7")

    def test_stops_a_loop_of_slow_native_calls(self):
        self.run_cell(f"const text = {LONG_TEXT};")
        self.stopped("for (;;) JSON.parse(text);")
        self.stopped("const values = Array.from({ length: 1e5 }, Math.random); do { [...values].sort(); } while (true);")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "slow.ts").write_text("export function run(text: string) { for (const _ of Array(1e6)) JSON.parse(text); }")
            self.stopped(f"import {{ run }} from {json.dumps(folder + '/slow')};\nrun(text)", after=1)

    def test_stops_an_endless_recursion_that_catches_its_errors(self):
        self.run_cell("function down(n: number): number { try { return down(n + 1) + 1 } catch { return down(n + 1) } }")
        # Each stop finds another depth of the stack.
        for _ in range(5):
            self.stopped("down(0)")

    def test_tells_that_a_cell_does_not_stop_and_ends_it_when_that_is_possible(self):
        self.run_cell(f"const texts: string[] = new Array(400).fill({LONG_TEXT});")
        self.stopped("for (;;) texts.map(JSON.parse as (text: string) => unknown);", evalue="the cell does not stop")

    def test_stops_a_loop_after_an_await(self):
        self.stopped("await new Promise(r => setTimeout(r, 20)); while (true) {}")

    def test_stops_a_loop_that_sleeps_and_prints(self):
        self.stopped("for (;;) { await new Promise(r => setTimeout(r, 30)); console.log('tick'); }")

    def test_stops_a_loop_in_a_timer(self):
        self.stopped(f"setTimeout(() => {{ while (true) {{}} }}, 10); {HANG}")

    def test_stops_a_loop_in_a_timer_of_an_earlier_cell(self):
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

    def test_tfjs_works_after_a_stop_in_the_middle_of_an_operation(self):
        self.run_cell('import { compile, tf } from "gradbook"; const weight = tf.variable(tf.tensor1d([1, 2]));')
        gradient = "tf.variableGrads(() => tf.sum(tf.square(weight)) as tf.Scalar).grads[weight.name]!"
        for loop in (
            f"for (;;) {gradient}.dispose();",
            "for (;;) { const once = compile((x: tf.Tensor) => tf.tidy(() => tf.add(x, weight))); "
            "(await once(tf.scalar(1))).dispose(); once.dispose(); }",
        ):
            self.stopped(loop)
            self.assertEqual(self.value(f"Array.from({gradient}.dataSync()).join()"), "'2,4'")
            self.assertEqual(
                self.value("Array.from((await compile((x: tf.Tensor) => tf.mul(x, weight))(tf.scalar(3))).dataSync()).join()"),
                "'3,6'",
            )

    def test_stops_a_pending_await(self):
        self.stopped(HANG)

    def test_stops_a_blocking_wait_for_another_thread(self):
        self.stopped("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)")

    def test_stops_a_synchronous_child_process(self):
        begun = time.time()
        self.stopped("import { execSync } from 'node:child_process';\nexecSync('sleep 30'); console.log('after')")
        self.assertLess(time.time() - begun, 10)

    def test_reports_a_native_call_that_goes_on(self):
        self.stopped("import { execSync } from 'node:child_process';\nexecSync(`trap '' INT; sleep 4`); console.log('after')", evalue="the cell does not stop: what it called still runs")

    def test_lets_a_cell_with_an_abort_listener_save_and_return(self):
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

    def test_stops_a_cell_that_is_about_to_begin(self):
        # Both requests arrive before the main thread handles either of them.
        self.run_cell("setTimeout(() => { const end = Date.now() + 400; while (Date.now() < end); }, 100);")
        time.sleep(0.3)
        self.stopped("while (true) {}", after=0.02)

    def test_calls_sigint_listeners_when_no_cell_runs(self):
        self.run_cell("let heard = 0; process.once('SIGINT', () => { heard++; });")
        self.km.interrupt_kernel()
        # The two requests use different channels, between which there is no order.
        time.sleep(0.5)
        self.assertEqual(self.value("await new Promise(r => setTimeout(r, 100)); heard"), "1")
        self.stopped("while (true) {}")

    def test_the_second_stop_ends_a_cell_that_saves(self):
        running = self.begin(f"process.on('SIGINT', () => {{}}); {HANG}")
        time.sleep(0.4)
        self.km.interrupt_kernel()
        time.sleep(0.1)
        self.km.interrupt_kernel()
        self.assertEqual(self.outcome(running)[0]["ename"], "Interrupted")
        self.run_cell("process.removeAllListeners('SIGINT'); 1")

    def test_answers_the_heartbeat_during_a_native_call(self):
        running = self.begin("import { execSync } from 'node:child_process';\nexecSync('sleep 5'); 1")
        time.sleep(0.3)
        beat = zmq.Context.instance().socket(zmq.REQ)
        beat.connect(f"tcp://{self.km.ip}:{self.km.hb_port}")
        beat.send(b"ping")
        self.assertTrue(beat.poll(1500))
        self.assertEqual(beat.recv(), b"ping")
        beat.close(0)
        self.outcome(running)
