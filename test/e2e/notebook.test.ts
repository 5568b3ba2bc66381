import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runNotebook } from "../../lib/cli/notebook";
import { NotebookError } from "../../lib/cli/report-error";
import { Progress } from "../../lib/cli/setup";
import { newFolder } from "../new-folder";

/** Creates a project with the real `.venv`, kernel and library, and its own notebooks. */
let project: string;
const quiet = new Progress({ write: () => {} });
beforeEach(() => {
  project = newFolder();
  for (const part of [".venv", "node_modules"]) symlinkSync(resolve(part), join(project, part));
  mkdirSync(join(project, "notebooks"));
});

function notebook(...cells: string[]): void {
  const code = (source: string, i: number) => ({ cell_type: "code", id: `c${i}`, metadata: {}, source, outputs: [], execution_count: null }); // biome-ignore format: a record
  const metadata = { kernelspec: { name: "gradbook", display_name: "TypeScript", language: "typescript" } };
  const text = JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: cells.map(code) });
  writeFileSync(join(project, "notebooks", "mine.ipynb"), text);
}
const outputs = (path: string) =>
  (JSON.parse(readFileSync(path, "utf8")) as { cells: { outputs: Record<string, unknown>[] }[] }).cells.map(
    ({ outputs }) => outputs,
  );

test("runs TypeScript cells through the kernel: types, top-level await, displays that update in place", async () => {
  notebook(
    'import { compile, newDisplay, Table, tf } from "gradbook";\nconst double = compile((x: tf.Tensor) => tf.mul(x, 2));',
    "const y = await double(tf.tensor1d([1, 2, 3]));\nconsole.log(Array.from(y.dataSync()));",
    'const handle = newDisplay({ "text/plain": "first" });\nhandle.update(new Table([{ a: 1 }]));',
  );
  const done = await runNotebook(project, "mine", join(project, "runs"), quiet);
  const [, numbers, shown] = outputs(done.notebook);
  expect(numbers).toMatchObject([{ output_type: "stream", name: "stdout" }]);
  expect(String((numbers![0] as { text: string[] }).text)).toContain("[ 2, 4, 6 ]");
  expect(shown).toMatchObject([{ output_type: "display_data" }]);
  expect((shown![0] as { data: Record<string, string[]> }).data["text/html"]!.toString()).toContain(
    "<td>1</td>",
  );
  expect(readdirSync(join(project, "runs")).sort()).toEqual(["mine.html", "mine.ipynb"]);
});

test("quotes a failing cell with its error, runs no later cell, and leaves no page", async () => {
  notebook("const a = 1;", 'throw new Error("no signal");', "console.log(a);");
  const failed = runNotebook(project, "mine", join(project, "runs"), quiet);
  await expect(failed).rejects.toThrow(NotebookError);
  const message = await failed.catch((error: Error) => error.message);
  expect(message).toMatch(
    /^notebooks\/mine.ipynb stopped at code cell 2:\n {4}throw new Error\("no signal"\);\n/,
  );
  expect(message).toContain("Error: no signal");
  expect(message).not.toContain("node:vm");
  expect(readdirSync(join(project, "runs"))).toEqual(["mine.ipynb"]);
  expect(outputs(join(project, "runs", "mine.ipynb"))[2]).toEqual([]);
});

test("stops at a type error with the compiler's message", async () => {
  notebook('import { Trainer } from "gradbook";\nnew Trainer({ maxEpoch: 3 });');
  await expect(runNotebook(project, "mine", join(project, "runs"), quiet)).rejects.toThrow(
    /'maxEpoch' does not exist|maxEpochs/,
  );
});

test("names the command to run when recordings are missing", async () => {
  const config = JSON.stringify(resolve("configs/models/quickstart.yaml"));
  writeFileSync(join(project, "mine.yaml"), "types: [backimage]\nsessions: [luke_2031-03-01]\n");
  notebook(
    `import { loadExperiment } from "gradbook";\nawait loadExperiment({ model: ${config}, sessions: "../mine.yaml" });`,
  );
  await expect(runNotebook(project, "mine", join(project, "runs"), quiet)).rejects.toThrow(
    /mine.yaml: sessions: luke_2031-03-01: its file .* is missing; .*run `gradbook simulate`/,
  );
});
