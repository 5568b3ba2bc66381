"""The debugger: requests of the Debug Adapter Protocol, and Jupyter's own."""

import json
import os
import tempfile
import time
from pathlib import Path
from queue import Empty

from client import HANG, SLOW, Kernel

CELL = """interface Point { x: number }
function twice(point: Point): number {
  const result = point.x * 2;
  return result;
}
let total = 0;
for (const x of [1, 2, 3]) {
  total += twice({ x });
}
await new Promise((resolve) => setTimeout(resolve, 10));
total += 1;
total"""


class Debugger(Kernel):
    seq = 0

    def setUp(self):
        super().setUp()
        self.assertTrue(self.ask("initialize")["supportsConditionalBreakpoints"])
        self.ask("attach")

    def tearDown(self):
        self.ask("disconnect")

    def ask_anything(self, command, **arguments):
        """Returns the reply to a request."""
        self.seq += 1
        reply = self.control("debug_request", type="request", seq=self.seq, command=command, arguments=arguments)
        self.assertEqual((reply["command"], reply["request_seq"]), (command, self.seq))
        return reply

    def ask(self, command, **arguments):
        """Returns the body of the reply to a request, which must succeed."""
        reply = self.ask_anything(command, **arguments)
        self.assertTrue(reply["success"], reply)
        return reply["body"]

    def event(self, name):
        """Returns the body of the next event of that name."""
        while True:
            message = self.kc.get_iopub_msg(timeout=SLOW)
            if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                return message["content"]["body"]

    def events(self):
        """Returns the names of the events that have arrived."""
        names = []
        try:
            while True:
                message = self.kc.get_iopub_msg(timeout=0.3)
                names += [message["content"]["event"]] if message["msg_type"] == "debug_event" else []
        except Empty:
            return names

    def frames(self):
        return self.ask("stackTrace", threadId=1)["stackFrames"]

    def stopped(self, reason):
        """Waits for a stop. @returns the functions and lines of the call stack"""
        self.assertEqual(self.event("stopped")["reason"], reason)
        return [(frame["name"], frame["line"]) for frame in self.frames()]

    def step(self, command):
        self.ask(command, threadId=1)
        return self.stopped("step")

    def break_at(self, code, *breakpoints):
        """Sets breakpoints in a cell. @returns the lines of those that are active"""
        path = self.ask("dumpCell", code=code)["sourcePath"]
        set_ = self.ask("setBreakpoints", source={"path": path}, breakpoints=list(breakpoints))["breakpoints"]
        return [one["line"] for one in set_ if one["verified"]]

    def variables(self, reference):
        return {one["name"]: one for one in self.ask("variables", variablesReference=reference)["variables"]}

    def scopes(self):
        frame = self.frames()[0]["id"]
        return {scope["name"]: self.variables(scope["variablesReference"]) for scope in self.ask("scopes", frameId=frame)["scopes"]}

    def go_on(self, running):
        self.ask("continue", threadId=1)
        return self.outcome(running)

    def test_is_announced(self):
        info = self.kc.kernel_info(reply=True, timeout=SLOW)["content"]
        self.assertTrue(info["debugger"])
        self.assertIn("debugger", info["supported_features"])

    def test_is_initialized_after_the_client_knows_the_capabilities(self):
        self.ask("disconnect")
        self.assertIn("initialized", self.events())
        self.ask("initialize")
        self.assertEqual(self.events(), [])
        self.ask("attach")
        self.assertEqual(self.events(), ["initialized"])

    def test_stops_at_breakpoints_of_a_cell_and_steps(self):
        self.break_at(CELL, {"line": 3, "condition": "point.x === 2"}, {"line": 10})
        running = self.begin(CELL)
        stack = self.stopped("breakpoint")
        self.assertEqual([line for _, line in stack], [3, 8])
        self.assertEqual(stack[0][0], "twice")
        self.assertRegex(stack[1][0], r"^cell \d+$")
        self.assertEqual(self.step("next")[0], ("twice", 4))
        self.assertEqual(self.step("stepOut")[0][1], 7)
        self.ask("continue", threadId=1)
        self.assertEqual(self.stopped("breakpoint")[0][1], 10)
        # This step goes over the await.
        self.assertEqual(self.step("next")[0][1], 11)
        self.assertEqual(self.step("next")[0][1], 12)
        self.ask("next", threadId=1)
        self.assertEqual(self.event("continued")["threadId"], 1)
        self.assertEqual(self.reply_to(running)["status"], "ok")
        self.assertEqual(self.value("total"), "13")

    def test_says_that_code_goes_on_before_it_stops_again(self):
        self.break_at(CELL, {"line": 8}, {"line": 11})
        running = self.begin(CELL)
        for line in [8, 8]:
            self.assertEqual(self.stopped("breakpoint")[0][1], line)
            self.ask("continue", threadId=1)
            self.assertEqual(self.event("continued"), {"threadId": 1, "allThreadsContinued": True})
        self.stopped("breakpoint")
        self.break_at(CELL)
        self.go_on(running)

    def test_names_variables_that_are_not_initialized(self):
        # V8 of Node 20 does not tell them from variables that are undefined.
        unset = "undefined" if self.value("process.version").startswith("'v20") else "(not initialized)"
        code = "let sum = 0;\nfor (const x of [1, 2]) {\n  const twice = 2 * x;\n  sum += twice;\n}"
        self.break_at(code, {"line": 3})
        running = self.begin(code)
        self.stopped("breakpoint")
        self.assertEqual({name: one["value"] for name, one in self.scopes()["Locals"].items()}, {"x": "1", "twice": unset})
        self.break_at(code)
        self.go_on(running)

    def test_steps_into_functions_of_earlier_cells(self):
        self.run_cell("function half(x: number): number {\n  const result = x / 2;\n  return result;\n}")
        code = "const begun = 1;\nconst halves = half(8);\nhalves"
        self.break_at(code, {"line": 2})
        running = self.begin(code)
        self.assertEqual(self.stopped("breakpoint")[0][1], 2)
        self.assertEqual(self.step("stepIn")[0], ("half", 2))
        self.go_on(running)

    def test_sets_breakpoints_in_cells_that_have_run(self):
        code = "function late(n: number): number {\n  // nothing\n\n  return n + 1;\n}"
        self.run_cell(code)
        # The breakpoint moves to the next line with code.
        self.assertEqual(self.break_at(code, {"line": 2}), [4])
        running = self.begin("late(1)")
        self.assertEqual(self.stopped("breakpoint")[0], ("late", 4))
        self.assertEqual(self.ask("debugInfo")["stoppedThreads"], [1])
        self.break_at(code)
        self.go_on(running)
        self.assertEqual(self.value("late(2)"), "3")

    def test_stops_in_modules_of_the_user(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ["typed.ts", "plain.mjs"]:
                file = os.path.join(folder, name)
                source = "export function deep(x) {\n  const y = x + 1;\n  return y;\n}\n"
                Path(file).write_text(source if name == "plain.mjs" else "interface A { b: number }\n" + source.replace("(x)", "(x: number)"))
                line = 2 if name == "plain.mjs" else 3
                self.ask("setBreakpoints", source={"path": file}, breakpoints=[{"line": line}])
                running = self.begin(f"const {{ deep }} = await import({json.dumps(file)});\ndeep(1)")
                self.assertEqual(self.stopped("breakpoint")[0], ("deep", line))
                self.assertEqual(self.frames()[0]["source"]["path"], file)
                self.assertIn("const y", self.ask("source", source={"path": file})["content"])
                modules = [one["path"] for one in self.ask("modules")["modules"]]
                self.assertIn(file, modules)
                self.assertEqual([one for one in modules if not os.path.exists(one)], [])
                self.assertEqual(self.scopes()["Locals"]["x"]["value"], "1")
                self.go_on(running)

    def test_shows_variables_with_their_members(self):
        code = (
            "import { tf } from 'gradbook';\nconst weights = tf.tensor([[1, 2], [3, 4.5]]);\n"
            "class Box { #secret = 7; constructor(readonly name: string) {} get lazy() { return 1; } }\n"
            "function look(box: Box, many: Float32Array, table: Map<string, number>) {\n  const text = 'a\"b';\n  return text.length;\n}\n"
            "look(new Box('b'), new Float32Array(1000), new Map([['one', 1]]))"
        )
        self.break_at(code, {"line": 6})
        running = self.begin(code)
        self.stopped("breakpoint")
        scopes = self.scopes()
        shown = scopes["Locals"]
        self.assertEqual(shown["text"]["value"], '"a\\"b"')
        self.assertEqual((shown["box"]["value"], shown["box"]["type"]), ("Box { name: 'b' }", "Box"))
        members = self.variables(shown["box"]["variablesReference"])
        self.assertEqual({name: one["value"] for name, one in members.items()}, {"name": '"b"', "#secret": "7"})
        elements = self.variables(shown["many"]["variablesReference"])
        self.assertEqual((len(elements), elements["…"]["value"], elements["length"]["value"]), (102, '"900 more"', "1000"))
        self.assertEqual(self.variables(shown["table"]["variablesReference"])["'one'"]["value"], "1")
        tensor = scopes["Globals"]["weights"]
        self.assertEqual((tensor["value"], tensor["type"]), ("Tensor [2, 2] float32 [1, 2, 3, 4.500]", "Tensor"))
        self.assertEqual(self.variables(tensor["variablesReference"])["dtype"]["value"], '"float32"')
        rich = self.ask("richInspectVariables", variableName="weights", frameId=self.frames()[0]["id"])
        self.assertIn("mean 2.625", rich["data"]["text/plain"])
        self.go_on(running)
        missing = self.ask_anything("variables", variablesReference=1)
        self.assertEqual(missing["message"], "there is no variable with the reference 1: the cell has gone on since")

    def test_lists_the_variables_of_the_notebook_while_no_code_is_paused(self):
        self.run_cell("const listed = { a: 1 }; let performance = 'mine';")
        found = {one["name"]: one for one in self.ask("inspectVariables")["variables"]}
        self.assertEqual(found["listed"]["value"], "{ a: 1 }")
        self.assertEqual(found["performance"]["value"], '"mine"')
        self.assertNotIn("setTimeout", found)
        self.assertEqual(self.variables(found["listed"]["variablesReference"])["a"]["value"], "1")
        self.assertEqual(self.ask("richInspectVariables", variableName="listed")["data"], {"text/plain": "{ a: 1 }"})

    def test_evaluates_in_a_paused_function_and_hovers_without_effects(self):
        self.break_at(CELL, {"line": 3})
        running = self.begin(CELL)
        self.stopped("breakpoint")
        frame = self.frames()[0]["id"]
        self.assertEqual(self.ask("evaluate", expression="point.x + 1", frameId=frame)["result"], "2")
        self.ask("evaluate", expression="point.x = 100", frameId=frame, context="repl")
        refused = self.ask_anything("evaluate", expression="point.x = 7", frameId=frame, context="hover")
        self.assertEqual((refused["success"], refused["message"]), (False, "EvalError: Possible side-effect in debug-evaluate"))
        self.assertEqual(self.ask_anything("evaluate", expression="nobody", frameId=frame)["message"], "ReferenceError: nobody is not defined")
        self.break_at(CELL)
        self.go_on(running)
        self.assertEqual(self.value("total"), "211")

    def test_copies_a_local_variable_to_later_cells(self):
        self.break_at(CELL, {"line": 4})
        running = self.begin(CELL)
        self.stopped("breakpoint")
        self.ask("copyToGlobals", srcVariableName="result", dstVariableName="copied", srcFrameId=self.frames()[0]["id"])
        self.break_at(CELL)
        self.go_on(running)
        self.assertEqual(self.value("copied + 1"), "3")

    def test_stops_at_uncaught_errors_only(self):
        self.ask("setExceptionBreakpoints", filters=["uncaught"])
        running = self.begin("function bad(): never {\n  throw new RangeError('bad');\n}\ntry { bad(); } catch {}\nawait 1;\nbad();")
        body = self.event("stopped")
        self.assertEqual((body["reason"], body["text"]), ("exception", "RangeError: bad"))
        self.assertEqual([frame["line"] for frame in self.frames()], [2, 6])
        reply, _ = self.go_on(running)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "RangeError"))

    def test_stops_at_uncaught_errors_before_the_first_await(self):
        self.ask("setExceptionBreakpoints", filters=["uncaught"])
        for code, lines in [("throw new Error('bad')", [1]), ("function bad(): never {\n  throw new Error('bad');\n}\nbad();", [2, 4])]:
            running = self.begin(code)
            self.assertEqual(self.event("stopped")["text"], "Error: bad")
            self.assertEqual([frame["line"] for frame in self.frames()], lines)
            reply, _ = self.go_on(running)
            self.assertEqual(reply["ename"], "Error")

    def test_pauses_a_loop_and_a_stop_ends_it(self):
        self.run_cell("let turns = 0;")
        running = self.begin("while (true) {\n  turns++;\n  Math.sqrt(turns);\n}")
        time.sleep(0.3)
        self.ask("pause", threadId=1)
        self.assertIn(self.stopped("pause")[0][1], [1, 2, 3])
        self.assertEqual(self.kc.kernel_info(reply=True, timeout=SLOW)["content"]["status"], "ok")
        self.km.interrupt_kernel()
        self.assertEqual(self.event("continued")["allThreadsContinued"], True)
        self.assertEqual(self.reply_to(running)["ename"], "Interrupted")
        self.assertEqual(self.value("turns > 0"), "true")

    def test_a_log_point_prints_and_does_not_stop(self):
        self.break_at(CELL, {"line": 3, "logMessage": "x is {point.x}"})
        _, shown = self.run_cell(CELL)
        self.assertEqual(self.text(shown), "x is 1\nx is 2\nx is 3\n")

    def test_takes_conditions_and_expressions_in_typescript(self):
        # The breakpoint is behind an await, and the name `performance` is also one of Node's.
        code = "let performance: unknown = { laps: 1 };\nfor (const turn of [1, 2, 3]) {\n  await new Promise((resolve) => setTimeout(resolve, 1));\n  const lap = { turn };\n  void lap;\n}"
        condition = "(lap as { turn: number }).turn! === 2 && (performance as any).laps < 2"
        self.assertEqual(self.break_at(code, {"line": 5, "condition": condition}), [])
        running = self.begin(code)
        self.assertEqual(self.stopped("breakpoint")[0][1], 5)
        frame = self.frames()[0]["id"]
        for expression, result in [("(lap as any).turn satisfies number", "2"), ("(performance as { laps: number }).laps", "1")]:
            for context in ["repl", "hover", "watch"]:
                self.assertEqual(self.ask("evaluate", expression=expression, frameId=frame, context=context)["result"], result)
        self.assertEqual(self.ask_anything("evaluate", expression="lap as", frameId=frame)["message"], "Type expected.")
        self.break_at(code, {"line": 5, "logMessage": "turn {lap.turn as number}", "condition": "<number>lap.turn > 2"})
        _, shown = self.go_on(running)
        self.assertEqual(self.text(shown), "turn 3\n")

    def test_reports_a_condition_that_is_not_typescript(self):
        path = self.ask("dumpCell", code=CELL)["sourcePath"]
        (wrong,) = self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3, "condition": "point.x ==="}])["breakpoints"]
        self.assertEqual((wrong["verified"], wrong["message"]), (False, "The condition cannot be read: Expression expected."))
        # It sets no breakpoint at all.
        self.assertEqual(self.run_cell(CELL)[0]["status"], "ok")

    def test_sets_conditional_breakpoints_while_a_cell_blocks(self):
        self.run_cell("let turns = 0;")
        loop = "while (true) {\n  turns++;\n  Math.sqrt(turns);\n}"
        running = self.begin(loop)
        time.sleep(0.3)
        self.assertEqual(self.break_at(loop, {"line": 3, "condition": "(turns as number) % 1000 === 0"}), [3])
        self.assertEqual(self.stopped("breakpoint")[0][1], 3)
        self.assertRegex(self.ask("evaluate", expression="turns as number")["result"], r"000$")
        self.km.interrupt_kernel()
        self.assertEqual(self.reply_to(running)["ename"], "Interrupted")

    def test_restarts_while_code_is_paused(self):
        running = self.begin(f"debugger;\n{HANG}")
        self.assertTrue(running)
        self.assertEqual(self.stopped("breakpoint")[0][1], 1)
        self.km.restart_kernel(now=False)
        self.kc.wait_for_ready(timeout=SLOW)
        self.assertFalse(self.ask("debugInfo")["isStarted"])

    def test_names_requests_that_it_does_not_know(self):
        self.assertEqual(self.ask_anything("fly")["message"], 'the debugger has no request "fly"')
        self.assertEqual(self.ask_anything("next", threadId=1)["message"], "no code is paused")
        self.ask("disconnect")
        self.assertEqual(self.ask_anything("threads")["message"], "the debugger is not started: send initialize")
