import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { transformSync } from "esbuild";
import { beforeEach, expect, test } from "vitest";
import { defaultProject, jupyterEnvironment, venvPython } from "../../lib/cli/setup";
import { newFolder } from "../new-folder";
import { notebook } from "./notebook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const project = defaultProject();
async function python(...args: string[]): Promise<{ stdout: string; stderr: string; failed: boolean }> {
  const options = { cwd: dir, env: jupyterEnvironment(project), encoding: "utf8" } as const;
  try {
    return { ...(await promisify(execFile)(venvPython(project), args, options)), failed: false };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { stdout, stderr, failed: true };
  }
}

/** Returns the code that papermill injects for Python values, given a parameters cell. */
async function injected(cell: string, values: string): Promise<string> {
  const script = [
    "import sys, math, datetime",
    "from papermill.translators import papermill_translators",
    'translator = papermill_translators.find_translator("tslab", "typescript")',
    'translator.inspect({"source": sys.argv[1]})',
    'sys.stdout.buffer.write(translator.codify(eval(sys.argv[2])).encode("utf-8"))',
  ].join("\n");
  const { stdout, stderr, failed } = await python("-c", script, cell, values);
  if (failed) throw new Error(stderr.trim().split("\n").slice(-20).join("\n"));
  return stdout;
}

/** Returns the values of the variables after running that code. */
function evaluated(code: string, names: readonly string[]): Record<string, unknown> {
  const { code: script } = transformSync(code, { loader: "ts" });
  return runInNewContext(`${script}; ({ ${names.join(", ")} })`);
}

test("every kind of value arrives unchanged", async () => {
  const values: Record<string, [python: string, value: unknown]> = {
    quotes: [`"it's \\"quoted\\" and \`ticked\`"`, 'it\'s "quoted" and `ticked`'],
    dollars: ['"${process.exit(1)} $x"', "${process.exit(1)} $x"],
    backslashes: ['"C:\\\\new\\n\\ttab\\u2028\\0"', "C:\\new\n\ttab\u2028\0"],
    unicode: ['"µ, 脳, 🧠"', "µ, 脳, 🧠"],
    whole: ["-3", -3],
    small: ["1e-05", 1e-5],
    huge: ["1.5e300", 1.5e300],
    nan: ['float("nan")', Number.NaN],
    infinite: ['float("-inf")', Number.NEGATIVE_INFINITY],
    exact: ["2**53 - 1", 2 ** 53 - 1],
    big: ["-(2**64)", -(2n ** 64n)],
    nothing: ["None", null],
    yes: ["True", true],
    list: ["[1, [2.5, None], 'x', (3, 4)]", [1, [2.5, null], "x", [3, 4]]],
    empty: ["[]", []],
    mapping: [`{"a b": {"c": [1]}, "1": False}`, { "a b": { c: [1] }, "1": false }],
    date: ["datetime.date(2031, 3, 1)", "2031-03-01"],
  };
  const names = Object.keys(values);
  const cell = names.map((name) => `let ${name};`).join("\n");
  const dict = Object.entries(values).map(([name, [source]]) => `"${name}": ${source}`);
  const code = await injected(cell, `{${dict.join(", ")}}`);
  expect(code).toMatch(/^\/\/ Parameters\nlet quotes = /);
  // Objects of another context have another prototype.
  const plain = (value: unknown) =>
    typeof value === "object" && value !== null ? JSON.parse(JSON.stringify(value)) : value;
  const found = evaluated(code, names);
  for (const [name, [, value]] of Object.entries(values)) expect(plain(found[name]), name).toEqual(value);
});

test("accepts a key named __proto__", async () => {
  const { o } = evaluated(await injected("let o = {};", `{"o": {"__proto__": 5}}`), ["o"]);
  expect(Object.keys(o as object)).toEqual(["__proto__"]);
});

test("keeps the type that the notebook declares", async () => {
  const cell = `let cell: "gru" | "lstm" = "gru", rates: readonly number[] = [];
let n: number | null = null; // units
let id: bigint = 0n;
let seeds = [1, 2];`;
  const values = `{"cell": "lstm", "rates": [1, 2.5], "n": None, "id": 5, "seeds": []}`;
  expect(await injected(cell, values)).toBe(`// Parameters
let cell: "gru" | "lstm" = "lstm";
let rates: readonly number[] = [1, 2.5];
let n: number | null = null;
let id: bigint = 5n;
let seeds: number[] = [];
`);
});

test("reports unknown and mistyped parameters together, with the notebook's parameters", async () => {
  const cell = `let lr = 1e-3; // learning rate\nlet cell: "gru" | "lstm" = "gru";\nlet widths: number[] = [8,\n  16]; // of each layer`;
  const refused = injected(
    cell,
    `{"learning": 1, "lrr": 1, "lr": "fast", "cell": "gur", "widths": [1, "x"]}`,
  );
  await expect(refused).rejects.toThrow(`There is no parameter "learning".
There is no parameter "lrr" (did you mean "lr"?).
lr: must be number, but is "fast".
cell: must be "gru" | "lstm", but is "gur".
widths: must be number[], but is [1, "x"].
The notebook's parameters are:
  lr: number = 1e-3   learning rate
  cell: "gru" | "lstm" = "gru"
  widths: number[] = [8, 16]   of each layer`);
});

test("explains how papermill's command line parsed a value of the wrong type", async () => {
  const cell = 'let name = "a"; let dry = false; let widths = [8];';
  const refused = injected(cell, `{"name": 7, "dry": "true", "widths": "[1, 2]"}`);
  await expect(
    refused,
  ).rejects.toThrow(`name: must be string, but is 7 (for papermill: -r leaves a text as it is).
dry: must be boolean, but is "true" (for papermill: -y 'dry: true').
widths: must be number[], but is "[1, 2]" (for papermill: -y 'widths: [1, 2]').
`);
});

test("rejects an integer that a JavaScript number cannot hold", async () => {
  await expect(injected("let id = 1;", `{"id": 2**53 + 1}`)).rejects.toThrow(
    "id: 9007199254740993 is more than a number holds exactly (2^53): declare it as bigint in the notebook.",
  );
});

test("stock papermill runs one of our notebooks with parameters, which its output contains", async () => {
  const cells = ["console.log(JSON.stringify({ lr, names, note, from }))"];
  const declared = `let lr = 1e-3;
let names: (string | null)[] = ["a"];
let note = "";
let from: string | null = "start";`;
  writeFileSync(join(dir, "in.ipynb"), notebook(declared, cells));
  const note = 'it\'s "quoted" and `ticked`, ${process.exit(1)}';
  const run = await python(
    "-m",
    "papermill",
    "in.ipynb",
    "out.ipynb",
    "--no-progress-bar",
    "-p",
    "lr",
    "2e-3",
    "-p",
    "note",
    note,
    "-y",
    "{ names: [b, null], from: null }",
  );
  expect(run).toMatchObject({ failed: false });
  const out = JSON.parse(readFileSync(join(dir, "out.ipynb"), "utf8"));
  expect(out.cells[1].source.join("")).toContain("let lr = 0.002;");
  expect(JSON.parse(out.cells[2].outputs[0].text.join(""))).toEqual({
    lr: 0.002,
    names: ["b", null],
    note,
    from: null,
  });
});

test("stock papermill rejects a misspelt parameter before the kernel starts", async () => {
  writeFileSync(join(dir, "in.ipynb"), notebook("let lr = 1e-3;", ["lr"]));
  const run = await python(..."-m papermill in.ipynb out.ipynb -p rl 1".split(" "));
  expect(run.failed).toBe(true);
  expect(run.stderr).toMatch(
    /ParameterError: There is no parameter "rl"( \(did you mean "lr"\?\))?\.\nThe notebook's parameters are:\n {2}lr: number = 1e-3\n$/,
  );
});

test("papermill's own --inject-paths needs no declaration", async () => {
  writeFileSync(join(dir, "in.ipynb"), notebook(undefined, ["PAPERMILL_INPUT_PATH + PAPERMILL_OUTPUT_PATH"]));
  const run = await python(..."-m papermill in.ipynb out.ipynb --inject-paths --no-progress-bar".split(" "));
  expect(run).toMatchObject({ failed: false });
  const out = JSON.parse(readFileSync(join(dir, "out.ipynb"), "utf8"));
  expect(out.cells[1].outputs[0].data["text/plain"]).toEqual(["'in.ipynbout.ipynb'"]);
});

test("a notebook without a parameters cell accepts no parameters", async () => {
  writeFileSync(join(dir, "in.ipynb"), notebook(undefined, ["1 + 1"]));
  const run = await python(..."-m papermill in.ipynb out.ipynb -p lr 1".split(" "));
  expect(run.failed).toBe(true);
  expect(run.stderr).toContain(
    'ParameterError: The notebook has no cell with the tag "parameters", so it takes none: give that tag to the cell that declares them (let lr = 1e-3;).\n',
  );
});

// Compiling that grammar takes longer than a short notebook; every start of papermill and of JupyterLab would pay for it.
test("papermill is imported without compiling a grammar of URLs", async () => {
  const { stdout } = await python(
    "-c",
    "import papermill, sys; print(sorted({'lark', 'rfc3987_syntax'} & {*sys.modules}))",
  );
  expect(stdout).toBe("[]\n");
});

test("50,000 nested brackets, in a declaration or a value, end quickly", async () => {
  const script = [
    "import sys, time",
    "sys.path.insert(0, sys.argv[1])",
    "from gradbook_papermill.declarations import declarations",
    "from gradbook_papermill.grid import grid",
    "from gradbook_papermill.translator import ParameterError",
    "n = 50_000",
    'sources = ["[" * n + "]" * n, "[" * n, "{" * n, "/* " * n, "`" * n]',
    "began = time.time()",
    "for source in [*(f\"let a = {s};\" for s in sources), f\"let a: {'(' * n}number{')' * n} = 1;\", f\"let a: number{'[]' * n} = [];\"]:",
    '    grid([["a", "1"]], declarations(source))',
    'for text in ["[" * n, "[" * n + "]" * n, "[" * 200 + "]" * 200]:',
    "    try:",
    '        grid([["a", text]], declarations("let a = null;"))',
    "    except ParameterError as error:",
    "        print(str(error)[:60])",
    'print("seconds", int(time.time() - began) < 20)',
  ].join("\n");
  const { stdout, stderr } = await python("-c", script, resolve("kernel/papermill"));
  expect(stderr).toBe("");
  expect(stdout).toContain("brackets are nested too deep.");
  expect(stdout).toContain("a: is nested more than 100 levels deep.");
  expect(stdout).toContain("seconds True");
}, 60_000);
