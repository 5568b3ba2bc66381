"""The results of cells, and the errors of cells that fail."""

import json
import os
import tempfile
from pathlib import Path

from client import HANG, SLOW, Kernel

NOBODY = "needs someone who answers, and this client runs cells without (allow_stdin is false): set the value in the cell, or as a parameter of the notebook."


class Cells(Kernel):
    def run_with_module(self, name, source, code):
        """Returns the file of a module `name`.ts, and the reply and output of a cell that imports it as `own`."""
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, f"{name}.ts")
            Path(file).write_text(source)
            return (file, *self.run_cell(f"import * as own from {json.dumps(file)};\n{code}"))

    def test_a_closure_sees_the_value_that_a_later_cell_assigns(self):
        self.run_cell("let z = 4; function h() { return z }")
        self.assertEqual(self.value("z = 10; h()"), "10")

    def test_keeps_declarations_that_precede_an_error(self):
        reply, _ = self.run_cell("let before = 5;\nthrow new RangeError('no');")
        self.assertEqual((reply["ename"], reply["evalue"]), ("RangeError", "no"))
        self.assertIn("2 | throw new RangeError('no');", reply["traceback"])
        self.assertEqual(self.value("before"), "5")

    def test_maps_stacks_to_lines_of_cells(self):
        reply, _ = self.run_cell("interface A { b: number }\n\nfunction deep(a: any): number {\n  return a.b.c;\n}\n\ndeep({});")
        self.assertRegex("\n".join(reply["traceback"]), r"at deep \(cell \d+:4:14\)\n    at cell \d+:7:1")

    def test_maps_stacks_to_lines_of_modules(self):
        source = "interface A {\n  b: number;\n}\nexport function deep(): A {\n  throw new Error('deep');\n}\n"
        file, reply, _ = self.run_with_module("deep", source, "[1].map(() => own.deep())")
        self.assertIn(f"{file}:5:9", "\n".join(reply["traceback"]))
        self.assertIn("cell ", reply["traceback"][0])

    def test_refuses_a_cell_with_a_type_error_and_names_its_line(self):
        reply, shown = self.run_cell("console.log('ran');\nconst n: number = 'text';")
        self.assertEqual(reply["status"], "error")
        self.assertRegex("\n".join(reply["traceback"]), r"cell \d+:2:7: TS2322: .*\n2 \| const n: number = 'text';\n  \|       ~")
        self.assertEqual(self.text(shown), "")

    def test_warns_of_a_type_error_in_a_module_and_runs_the_cell(self):
        source = "export const fine = 1;\nexport const n: number = 'text';\n"
        file, reply, shown = self.run_with_module("wrong", source, "own.n")
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(shown[-1][1]["data"]["text/plain"], "'text'")
        self.assertRegex(
            self.text(shown, "stderr"),
            r"^Types in \S+wrong\.ts do not fit; the cell runs all the same\.\n\S+wrong\.ts:2:14: TS2322: Type 'string' is not assignable to type 'number'\.\n2 \| export const n: number = 'text';\n  \|              ~\n$",
        )

    def test_shares_one_instance_of_a_module_between_library_and_cells(self):
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

    def test_shows_the_line_properties_and_causes_of_an_error(self):
        reply, _ = self.run_cell("import { readFileSync } from 'node:fs';\nreadFileSync('/nowhere')")
        shown = "\n".join(reply["traceback"])
        self.assertIn("2 | readFileSync('/nowhere')\n  | ^\n", shown)
        self.assertIn("{ errno: -2, code: 'ENOENT', syscall: 'open', path: '/nowhere' }", shown)
        reply, _ = self.run_cell("const deep = new TypeError('deep', { cause: 'root' });\nconst middle = new Error('middle', { cause: deep });\ndeep.cause = [middle, 'root'];\nthrow Object.assign(new Error('top', { cause: middle }), { code: 7 })")
        lines = [line.strip() for line in "\n".join(reply["traceback"]).split("\n") if " at " not in line]
        self.assertEqual(lines[4:8], ["Error: top", "{ code: 7 }", "caused by Error: middle", "caused by TypeError: deep"])
        circle, _ = self.run_cell("const round = new Error('round');\nround.cause = round;\nthrow round")
        self.assertNotIn("caused by", "\n".join(circle["traceback"]))

    def test_shows_the_line_of_the_cell_when_a_library_throws(self):
        reply, _ = self.run_cell("import { tf } from 'gradbook';\ntf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))")
        self.assertIn("2 | tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))\n  |    ^\n", "\n".join(reply["traceback"]))
        reply, _ = self.run_cell("function down(): number { return down() + 1 }\ndown()")
        self.assertEqual(sum("at down" in line for line in reply["traceback"]), 3)

    def test_aligns_marks_with_the_source_after_tabs(self):
        reply, _ = self.run_cell("\tthrow new Error('no');")
        self.assertIn("1 | \tthrow new Error('no');\n  | \t      ^", "\n".join(reply["traceback"]))
        reply, _ = self.run_cell("\tconst n: number = 'text';")
        self.assertIn("1 | \tconst n: number = 'text';\n  | \t      ~", "\n".join(reply["traceback"]))

    def test_shows_an_error_under_the_name_of_its_class(self):
        reply, _ = self.run_cell("class MyError extends RangeError {}\nthrow new MyError('no', { cause: new MyError('inner') })")
        self.assertEqual((reply["ename"], reply["evalue"]), ("MyError", "no"))
        lines = [line for line in "\n".join(reply["traceback"]).split("\n") if "MyError: " in line]
        self.assertEqual(lines, ["MyError: no", "caused by MyError: inner"])
        self.assertEqual(self.run_cell("class Named extends Error { override name = 'Mine' }\nthrow new Named('no')")[0]["ename"], "Mine")

    def test_shows_a_proxy_as_its_target(self):
        # Node 26 names the proxy beside its target.
        self.assertIn("{ a: 1 }", self.value("new Proxy({ a: 1 }, { get: () => () => new Promise(() => {}) })"))

    def test_reports_thrown_values_that_are_not_errors(self):
        reply, _ = self.run_cell("throw 'words'")
        self.assertEqual((reply["ename"], reply["evalue"]), ("Thrown", "words"))
        reply, _ = self.run_cell("throw undefined")
        self.assertEqual(reply["evalue"], "undefined")
        reply, _ = self.run_cell("throw { rejected: 1 }")
        self.assertEqual((reply["ename"], reply["evalue"]), ("Thrown", "{ rejected: 1 }"))

    def test_does_not_count_silent_and_unstored_cells(self):
        first = self.run_cell("1")[0]["execution_count"]
        reply, shown = self.run_cell("2", silent=True)
        self.assertEqual([kind for kind, _ in shown], [])
        self.run_cell("3", store_history=False)
        self.assertEqual(self.run_cell("4")[0]["execution_count"], first + 1)

    def test_evaluates_user_expressions(self):
        reply, _ = self.run_cell("let u = 3", user_expressions={"twice": "u * 2", "wrong": "nobody"})
        self.assertEqual(reply["user_expressions"]["twice"]["data"]["text/plain"], "6")
        self.assertEqual(reply["user_expressions"]["wrong"]["status"], "error")

    def test_aborts_queued_cells_after_an_error_unless_stop_on_error_is_off(self):
        failing = self.begin("await new Promise(r => setTimeout(r, 100)); throw new Error('x')")
        behind = self.begin("1")
        self.outcome(failing)
        self.assertEqual(self.outcome(behind)[0], {"status": "aborted"})
        failing = self.begin("await new Promise(r => setTimeout(r, 100)); throw new Error('x')", stop_on_error=False)
        behind = self.begin("1")
        self.outcome(failing)
        self.assertEqual(self.outcome(behind)[0]["status"], "ok")

    def test_process_exit_ends_the_cell_and_not_the_kernel(self):
        reply, _ = self.run_cell("process.exit(3)")
        self.assertIn("process.exit(3) was called: it ends this cell", reply["evalue"])
        reply, _ = self.run_cell(f"setTimeout(() => process.exit(), 20); {HANG}")
        self.assertIn("process.exit() was called", reply["evalue"])
        reply, _ = self.run_cell("process.abort()")
        self.assertIn("process.abort() was called", reply["evalue"])
        self.assertEqual(self.value("1 + 1"), "2")

    def test_a_signal_to_the_kernel_itself_ends_the_cell_and_not_the_kernel(self):
        for call in ("process.kill(process.pid)", "process.kill(process.pid, 'SIGINT')", "process.kill(process.pid, 'SIGHUP')", "process.kill(0, 'SIGKILL')", "process.kill(process.pid, 15)", "process.kill(process.pid, 'SIGSTOP')"):
            reply, _ = self.run_cell(f"{call}; 1")
            self.assertRegex(reply["evalue"], r"^process\.kill\(\d+, .+\) was called: it ends this cell, and the kernel goes on\.", call)
        reply, _ = self.run_cell(f"setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20); {HANG}", allow_stdin=False)
        self.assertIn('"SIGTERM") was called', reply["evalue"])
        self.assertEqual(self.run_cell("(process as any).reallyExit(3)")[0]["ename"], "Exit")
        heard = "const heard = new Promise(r => process.once('SIGTERM', r)); process.kill(process.pid, 'SIGTERM'); await heard"
        self.assertEqual(self.value(heard), "'SIGTERM'")
        self.assertEqual(self.value("process.kill(process.pid, 0)"), "true")

    def test_survives_listeners_of_uncaught_errors_that_throw_or_were_removed(self):
        self.run_cell("process.on('uncaughtException', () => { throw new Error('from the listener'); });")
        late = "setTimeout(() => { throw new Error('from the timer'); }, 10); await new Promise(r => setTimeout(r, 100));"
        _, shown = self.run_cell(late)
        self.assertRegex(self.text(shown, "stderr"), r"(?s)Error: from the timer.*Error: from the listener")
        self.run_cell("process.removeAllListeners();")
        _, shown = self.run_cell(late + "void Promise.reject(new Error('rejected')); await new Promise(r => setTimeout(r, 10));")
        self.assertRegex(self.text(shown, "stderr"), r"(?s)Error: from the timer.*Error: rejected")
        self.assertEqual(self.value("1 + 1"), "2")

    def test_asks_the_front_end_for_input(self):
        asked = self.begin("import { input } from 'gradbook'; await input('name? ')", allow_stdin=True)
        request = self.kc.get_stdin_msg(timeout=SLOW)
        self.assertEqual(request["content"], {"prompt": "name? ", "password": False})
        self.kc.input("Ada")
        _, shown = self.outcome(asked)
        self.assertEqual(shown[-1][1]["data"]["text/plain"], "'Ada'")
        reply, _ = self.run_cell("import { input } from 'gradbook'; await input()", allow_stdin=False)
        self.assertEqual(reply["evalue"], f"input() {NOBODY}")

    def test_asks_by_the_dialogs_of_browsers_and_waits(self):
        def answers(code, *exchanges):
            asked = self.begin(code, allow_stdin=True)
            for prompt, answer in exchanges:
                content = self.kc.get_stdin_msg(timeout=SLOW)["content"]
                self.assertEqual(content, {"prompt": prompt, "password": False})
                self.kc.input(answer)
            return self.outcome(asked)[1][-1][1]["data"]["text/plain"]

        self.assertEqual(answers("[prompt('Name?'), prompt('Age? ', '40')]", ("Name? ", "Ada"), ("Age? [40] ", "")), "[ 'Ada', '40' ]")
        self.assertEqual(answers("[confirm('Sure?'), confirm('Sure?')]", ("Sure? [y/N] ", "y"), ("Sure? [y/N] ", "")), "[ true, false ]")
        self.assertEqual(answers("alert('Done.'); 'after'", ("Done. [Enter] ", "")), "'after'")
        # The late answer to a question of a cell that has ended is not the answer to the next question.
        self.kc.input("late")
        self.assertEqual(answers("await new Promise(r => setTimeout(r, 100)); prompt('Now?')", ("Now? ", "now")), "'now'")
        for call in ("prompt", "confirm", "alert"):
            self.assertEqual(self.run_cell(f"{call}('x')", allow_stdin=False)[0]["evalue"], f"{call}() {NOBODY}")

    def test_a_cell_that_failed_does_not_fail_the_next_cell_of_a_batch(self):
        failing = "process.nextTick(() => { throw new Error('tick') }); queueMicrotask(() => { throw new Error('micro') });"
        reply, _ = self.run_cell(f"{failing} {HANG}", allow_stdin=False)
        self.assertEqual((reply["evalue"], reply["traceback"][0]), ("micro", "Work that this cell does not await has failed:"))
        reply, shown = self.run_cell("await new Promise(r => setTimeout(r, 100)); 2", allow_stdin=False)
        self.assertEqual(reply["status"], "ok")
        self.assertIn("Error: tick", self.text(shown, "stderr"))
        reply, _ = self.run_cell(f"Promise.resolve().then(() => process.exit(1)); {HANG}", allow_stdin=False)
        self.assertIn("process.exit(1) was called", reply["evalue"])
        self.assertEqual(self.run_cell("await new Promise(r => setTimeout(r, 100)); 2", allow_stdin=False)[0]["status"], "ok")

    def test_shows_values_whose_own_methods_throw(self):
        # Node 26 names the proxy beside its target.
        self.assertIn("{ a: 1 }", self.value("new Proxy({ a: 1 }, { get() { throw new Error('trap') }, has() { throw new Error('trap') } })"))
        self.assertIn("Revoked Proxy", self.value("const revoked = Proxy.revocable({}, {}); revoked.revoke(); revoked.proxy"))
        # Node 24 prints keys that are symbols without brackets.
        self.assertRegex(
            self.value("({ a: 1, [Symbol.for('nodejs.util.inspect.custom')]: function f() { throw new RangeError('custom') } })"),
            r"^\{ a: 1, \[?Symbol\(nodejs\.util\.inspect\.custom\)\]?: \[Function: f\] \}\n\(its own form cannot be shown: RangeError: custom\)$",
        )
        # Node 24 and newer print the class, older ones cannot.
        self.assertIn(
            self.value("class Tagged { get [Symbol.toStringTag](): string { throw new Error('tag') } }\nnew Tagged()"),
            ["Tagged {}", "(a value that cannot be shown)\n(its own form cannot be shown: Error: tag)"],
        )
        reply, _ = self.run_cell("throw Object.assign(new Error('words'), { stack: 5 })")
        self.assertEqual(reply["traceback"], ["Error: words"])
        reply, _ = self.run_cell("class Unread extends Error {}\nthrow Object.defineProperty(new Unread('words'), 'stack', { get() { throw 1 } })")
        self.assertEqual(reply["traceback"], ["Unread: words"])

    def test_shows_a_promise_without_the_records_of_node(self):
        self.assertEqual(self.value("[Promise.resolve(1), new Promise(() => {})]"), "[ Promise { 1 }, Promise { <pending> } ]")

    def test_adds_the_import_of_a_name_that_was_completed(self):
        self.run_cell("import { basename } from 'node:path';")
        completed = self.kc.complete("dirna", reply=True, timeout=SLOW)["content"]
        self.assertEqual((completed["matches"], completed["cursor_start"], completed["cursor_end"]), (["dirname"], 0, 5))
        code = "dirname('/a/b')"
        reply, shown = self.run_cell(code)
        added = 'import { dirname } from "node:path";'
        self.assertEqual(reply["payload"], [{"source": "set_next_input", "text": f"{added}\n{code}", "replace": True}])
        self.assertEqual(self.text(shown, "stderr"), f"Added to this cell: {added}\n")
        self.assertEqual(shown[-1][1]["data"]["text/plain"], "'/a'")
        self.assertEqual(self.run_cell(f"{added}\n{code}")[0]["payload"], [])

    def test_completes_paths_and_tells_where_a_name_is_from(self):
        completed = self.kc.complete('open("test/kernel/proto', reply=True, timeout=SLOW)["content"]
        self.assertEqual((completed["matches"], completed["cursor_start"]), (["protocol/"], 18))
        self.run_cell("import { tf } from 'gradbook';")
        self.assertNotIn("FusedConv2D", self.kc.complete("tf.", reply=True, timeout=SLOW)["content"]["matches"])
        told = self.kc.inspect("tf", reply=True, timeout=SLOW)["content"]["data"]["text/plain"]
        self.assertEqual(told, 'import { tf } from "gradbook"')
        states = {code: self.reply_to(self.kc.is_complete(code))["status"] for code in ["{ a: 1, b: 2 }", "{ a: 1,", "!ls", "!ls -la |"]}
        self.assertEqual(states, {"{ a: 1, b: 2 }": "complete", "{ a: 1,": "incomplete", "!ls": "complete", "!ls -la |": "invalid"})

    def test_completes_members_that_only_the_running_value_knows(self):
        self.run_cell("let anyv: any = { alpha: { beta: 1, _hidden: 2 } }; class Known { private secret = 1; shown = 2 }; const known = new Known(); process.env.GRADBOOK_TRIED = '1';")
        complete = lambda code: self.kc.complete(code, reply=True, timeout=SLOW)["content"]["matches"]
        self.assertEqual(complete("anyv."), ["alpha"])
        self.assertEqual(complete("1 + anyv.alpha."), ["beta"])
        self.assertIn("GRADBOOK_TRIED", complete("process.env."))
        self.assertEqual(complete("known."), ["shown"])

    def test_shows_the_names_of_values_that_are_called_like_globals_of_node(self):
        shown = self.value("class performance {}\nfunction fetch() {}\n[performance, new performance(), fetch]")
        self.assertEqual(shown, "[ [class performance], performance {}, [Function: fetch] ]")
        self.run_cell("let URL: any = {}, URL$: any = {}, own$: any = {};")
        reply, _ = self.run_cell("own$.a = 1;\nURL.parse()")
        self.assertEqual((reply["evalue"], reply["traceback"][4]), ("URL.parse is not a function", "TypeError: URL.parse is not a function"))
        for name in ("own$", "URL$"):
            self.assertEqual(self.run_cell(f"{name}.parse()")[0]["evalue"], f"{name}.parse is not a function")
        listed = self.control("debug_request", type="request", seq=1, command="inspectVariables")["body"]["variables"]
        self.assertLessEqual({"performance", "fetch", "URL", "URL$", "own$"}, {one["name"] for one in listed})

    def test_starts_typescript_files_as_threads(self):
        with tempfile.TemporaryDirectory() as folder:
            write = lambda name, text: Path(folder, name).write_text(text)
            write("part.ts", "export enum Level { Low = 3 }\nexport const twice = (x: number): number => 2 * x;\n")
            write(
                "work.ts",
                "import { isMainThread, parentPort, workerData, Worker } from 'node:worker_threads';\nimport { Level, twice } from './part';\n"
                "const { n, depth } = workerData as { n: number; depth: number };\n"
                "if (depth) {\n  const inner = new Worker(new URL('./work.ts', import.meta.url), { workerData: { n: twice(n), depth: depth - 1 } });\n"
                "  inner.on('message', (found) => parentPort!.postMessage(found));\n} else parentPort!.postMessage([isMainThread, n, Level.Low, process.argv.slice(2)]);\n",
            )
            write("fails.ts", "interface Blank {}\n\nthrow new RangeError('no') as Error;\n")
            self.run_cell(
                "import { Worker } from 'node:worker_threads';\nimport { pathToFileURL } from 'node:url';\n"
                "const ended = (worker: Worker) => new Promise((done) => { worker.on('message', done); worker.on('error', (error: Error) => done(error.stack!.split('\\n').slice(0, 2))); });"
            )
            work, fails = json.dumps(f"{folder}/work.ts"), json.dumps(f"{folder}/fails.ts")
            self.assertEqual(
                self.value(f"await ended(new Worker({work}, {{ workerData: {{ n: 5, depth: 2 }}, argv: ['a'] }}))"), "[ false, 20, 3, [] ]"
            )
            self.assertEqual(
                self.value(f"await ended(new Worker(pathToFileURL({work}), {{ workerData: {{ n: 5, depth: 0 }}, argv: ['a'] }}))"),
                "[ false, 5, 3, [ 'a' ] ]",
            )
            self.assertIn(f"({folder}/fails.ts:3:7)", self.value(f"await ended(new Worker({fails}))"))
            write("plain.mjs", "import { parentPort } from 'node:worker_threads';\nparentPort.postMessage('plain');\n")
            self.assertEqual(self.value(f"await ended(new Worker({json.dumps(folder + '/plain.mjs')}))"), "'plain'")
            self.assertEqual(self.value("await ended(new Worker('require(\"worker_threads\").parentPort.postMessage(1)', { eval: true }))"), "1")
