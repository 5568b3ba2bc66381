import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { helpQuery } from "../../kernel/language/inspect";
import { isComplete } from "../../kernel/language/is-complete";
import { Cells } from "./cells";

let cells: Cells;
beforeAll(async () => {
  cells = new Cells();
  await cells.run(`
    /** Adds two numbers.
     *
     * Slowly.
     * @param a the first */
    function addSlowly(a: number, b = 2): number { return a + b }
    const 猫 = { kitten: 1, kind: "cat" };
    class Trainer { maxEpochs = 3; fit(steps: number) { return steps } }
    const trainer = new Trainer();`);
});

/** Completes at the bar. */
function completeAt(text: string) {
  const code = text.replace("|", "");
  return cells.session.complete(code, [...text.slice(0, text.indexOf("|"))].length);
}

function inspectAt(text: string, detail: 0 | 1 = 0) {
  const code = text.replace("|", "");
  return cells.session.inspect(code, [...text.slice(0, text.indexOf("|"))].length, detail)?.["text/plain"];
}

test("completes members and the names of earlier cells and of the current one", () => {
  expect(completeAt("trainer.|").matches).toEqual(["fit", "maxEpochs"]);
  expect(completeAt("trainer.ma|").matches).toEqual(["maxEpochs"]);
  expect(completeAt("addS|").matches).toEqual(["addSlowly"]);
  expect(completeAt("const trainings = 1; train|").matches).toEqual(["trainer", "Trainer", "trainings"]);
  expect(completeAt("Math.ab|").matches).toEqual(["abs"]);
  expect(completeAt("const o: { wide: 1 } = { |").matches).toEqual(["wide"]);
});

test("completes names with an underscore when it is typed", async () => {
  await cells.run("const kernels = { add: 1, _FusedMatMul: 2 };");
  expect(completeAt("kernels.|").matches).toEqual(["add"]);
  expect(completeAt("kernels._|").matches).toEqual(["_FusedMatMul"]);
});

test("counts the replaced text in code points", () => {
  expect(completeAt("'😀😀'; 猫.ki|; 1")).toMatchObject({
    matches: ["kind", "kitten"],
    cursor_start: 8,
    cursor_end: 10,
  });
  expect(completeAt("猫|").matches).toEqual(["猫"]);
});

test("uses JupyterLab's names of kinds", () => {
  expect(completeAt("trainer.f|").metadata).toEqual({
    _jupyter_types_experimental: [{ text: "fit", type: "method", start: 8, end: 9 }],
  });
});

test("completes files and packages within an import", () => {
  expect(completeAt('import {} from "node:zl|"').matches).toEqual(["node:zlib"]);
  expect(completeAt('import { tf } from "gra|"').matches).toEqual(["gradbook"]);
});

test("leaves out exports of packages that only name themselves", async () => {
  await cells.run('import { tf } from "gradbook"; const Own = "Own"; enum Kind { Add = "Add" }');
  const names = completeAt("tf.|").matches;
  expect(names).toEqual(expect.arrayContaining(["add", "matMul", "Tensor", "version_core"]));
  expect(names.filter((name) => ["Add", "Abs", "FusedConv2D", "_FusedMatMul"].includes(name))).toEqual([]);
  expect(completeAt("Kind.|").matches).toEqual(["Add"]);
  expect(completeAt("Ow|").matches).toContain("Own");
});

test("offers names that an import would bring, and adds the import to the cell that uses them", async () => {
  const own = new Cells();
  writeFileSync(
    join(own.folder, "areas.ts"),
    "export const areaNames = ['V1']; export class AreaMap {} export type AreaId = number;",
  );
  const at = (code: string) => own.session.complete(code, code.length);
  expect(at("areaN").matches).toEqual([]);
  expect(own.problems("areaNames")[0]?.message).toBe("Cannot find name 'areaNames'.");
  await own.run('import { AreaMap } from "./areas"');
  expect(at("Area")).toMatchObject({
    matches: ["AreaMap", "AreaId", "areaNames"],
    metadata: { _jupyter_types_experimental: [{ type: "module" }, { type: "type" }, { type: "constant" }] },
  });
  expect(at("x.area").matches).toEqual([]);
  expect(at("areaN").matches).toEqual(["areaNames"]);
  expect(at("mkdtempS").matches).toEqual(["mkdtempSync"]);
  // Both node:cluster and node:worker_threads export it.
  expect(at("Worke").matches).not.toContain("Worker");
  const code = "const first = areaNames[0];\nconst id: number = 1;\nmkdtempSync.name + first";
  const { result } = own.session.compile({ code, number: 9, file: "cell 9" });
  expect(result).toMatchObject({
    imports: ['import { areaNames } from "./areas";', 'import { mkdtempSync } from "node:fs";'],
    names: ["first", "id", "areaNames", "mkdtempSync"],
  });
  expect(await own.run(code)).toBe("mkdtempSyncV1");
  expect(await own.run("areaNames.length")).toBe(1);
  expect(own.problems("areaNames.length;\nmkdtempSync(1)")).toMatchObject([{ line: 2 }]);
});

test("completes paths of files within strings", async () => {
  await cells.run('type Way = "data-left" | "up"');
  const { folder } = cells;
  mkdirSync(join(folder, "data", "Deep"), { recursive: true });
  for (const name of ["data/day1.csv", "data/.hidden", "data/don't.csv"])
    writeFileSync(join(folder, name), "");
  expect(completeAt('open("da|")')).toMatchObject({ matches: ["data/"], cursor_start: 6, cursor_end: 8 });
  expect(completeAt('open("data/|")')).toMatchObject({
    matches: ["Deep/", "day1.csv"],
    cursor_start: 11,
    metadata: { _jupyter_types_experimental: [{ type: "folder", start: 11, end: 11 }, { type: "file" }] },
  });
  expect(completeAt("'😀' + `./data/.h|").matches).toEqual([".hidden"]);
  expect(completeAt(`open("${folder}/data/d|`).matches).toEqual(["Deep/", "day1.csv"]);
  expect(completeAt('open("nowhere/|")').matches).toEqual([]);
  expect(completeAt('open("data")|').matches).not.toContain("data/");
  // The type of a string has priority.
  expect(completeAt('const way: Way = "da|"').matches).toEqual(["data-left"]);
});

test("names the import of an imported name", async () => {
  await cells.run('import { join as joined, sep } from "node:path"; import * as path from "node:path";');
  expect(inspectAt("joined|")).toContain('\nimport { join as joined } from "node:path"');
  expect(inspectAt("se|p")).toBe(
    '(property) sep: "\\\\" | "/"\nimport { sep } from "node:path"\n\nThe platform-specific file separator. \'\\\\\' or \'/\'.',
  );
  expect(inspectAt("path|")).toContain('import * as path from "node:path"');
  expect(inspectAt('import { tf } from "gradbook"; t|f')).toContain('import { tf } from "gradbook"');
  await cells.run("let sep = 1;");
  expect(inspectAt("sep|")).toBe("let sep: number");
});

test("shows a name's type and documentation", () => {
  expect(inspectAt("addSl|owly(1)")).toBe("addSlowly(a: number, b?: number): number\n\nAdds two numbers.");
  expect(inspectAt("addSlowly|", 1)).toBe(
    "addSlowly(a: number, b?: number): number\n\nAdds two numbers.\n\nSlowly.\n\n@param a the first",
  );
  expect(inspectAt("猫.kitten|")).toBe("(property) kitten: number");
  expect(inspectAt("trainer|")).toBe("const trainer: Trainer");
  expect(inspectAt("const local = trainer.fit(1); local|")).toBe("const local: number");
  expect(inspectAt("   |")).toBeUndefined();
  expect(inspectAt('import { tf } from "gradbook"; tf.matMul|')).toMatch(/^const matMul: <.+ => T$/);
});

test("inspects a name that is only a type, and returns nothing for an unknown name", async () => {
  await cells.run("type Weights = { lr: number }; interface Sized<T> { size: T }");
  expect(inspectAt("Weights|")).toBe("type Weights = {\n    lr: number;\n}");
  expect(inspectAt("Sized|")).toBe("interface Sized<T>");
  expect(inspectAt("Partial|")).toMatch(/^type Partial<T> = /);
  expect(inspectAt("const found: Weights| = {}")).toContain("type Weights");
  expect(inspectAt("nobody|")).toBeUndefined();
  expect(inspectAt("trainer.nothing|")).toBeUndefined();
});

test("inspects the function whose arguments the cursor is in", () => {
  expect(inspectAt("trainer.fit(|)")).toBe("fit(steps: number): number");
});

test("shows help for name?, ?name and two question marks", async () => {
  expect(helpQuery("trainer?")).toEqual({ name: "trainer", detail: 0 });
  expect(helpQuery("?trainer.fit")).toEqual({ name: "trainer.fit", detail: 0 });
  expect(helpQuery("trainer.fit??\n")).toEqual({ name: "trainer.fit", detail: 1 });
  expect(helpQuery("a ? b : c")).toBeUndefined();
  const shown = (await cells.run("trainer.fit?")) as Record<symbol, () => object>;
  expect(shown[Symbol.for("Jupyter.display")]!()).toMatchObject({
    "text/plain": "(method) Trainer.fit(steps: number): number",
  });
});

test.each([
  ["1 + 1", "complete"],
  ["const x = await f()", "complete"],
  ["for await (const x of y) {}", "complete"],
  ["", "complete"],
  ["a = \nb // end", "complete"],
  ["trainer?", "complete"],
  ["{ a: 1, b: 2 }", "complete"],
  ["let = = 3", "invalid"],
  ["'abc", "invalid"],
  ["f())", "invalid"],
  ["!ls", "complete"],
  ["!ls -la |", "invalid"],
  ["!(", "incomplete"],
  ["const a = 1;\n%timeit f(", "invalid"],
])("%j is %s", (code, status) => {
  expect(cells.session.isComplete(code).status).toBe(status);
});

test.each([
  ["function f() {", "  "],
  ["foo(", "  "],
  ["if (x) {\n  y = [", "    "],
  ["`abc", ""],
  ["/* open", ""],
  ["1 +", ""],
  ["1 + // more", ""],
  ["class A { f() {", "    "],
])("%j asks for another line", (code, indent) => {
  expect(isComplete(code)).toEqual({ status: "incomplete", indent });
});
