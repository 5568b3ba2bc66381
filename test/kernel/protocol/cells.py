"""What a cell does, and what it says when it fails."""

import json
import os
import tempfile
from pathlib import Path

from client import HANG, SLOW, Kernel


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
        reply, _ = self.run_cell("import { readFileSync } from 'node:fs';\nreadFileSync('/nowhere')")
        shown = "\n".join(reply["traceback"])
        self.assertIn("2 | readFileSync('/nowhere')\n  | ^\n", shown)
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
