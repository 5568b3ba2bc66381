import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Cells } from "./cells";

let cells: Cells;
beforeAll(() => {
  cells = new Cells();
});

test("stops the cell at a type error and names its place and line", async () => {
  expect(cells.problems("const fine = 1;\n  const bad: number = 'text';")).toEqual([
    {
      line: 2,
      column: 9,
      length: 3,
      code: 2322,
      message: "Type 'string' is not assignable to type 'number'.",
      source: "  const bad: number = 'text';",
    },
  ]);
  await expect(cells.run("globalThis.ran = true; nowhere()")).rejects.toThrow();
  expect(Reflect.get(globalThis, "ran")).toBeUndefined();
});

test("names the place of a syntax error", () => {
  expect(cells.problems("const x = ;")).toMatchObject([
    { line: 1, column: 11, message: "Expression expected." },
  ]);
  expect(cells.problems("if (true) {")).toMatchObject([{ line: 1, message: "'}' expected." }]);
});

test("distinguishes types of the same name by their cells", async () => {
  const notebook = new Cells();
  await notebook.run("enum Mode { Train } function set(mode: Mode) {}");
  await notebook.run("enum Mode { Test = 'test' }");
  expect(notebook.problems("set(Mode.Test)")[0]?.message).toBe(
    "Argument of type 'Mode of cell 2' is not assignable to parameter of type 'Mode of cell 1'.",
  );
  expect(notebook.problems("enum Mode { Fit = 'fit' }\nset(Mode.Fit)")[0]?.message).toBe(
    "Argument of type 'Mode of this cell' is not assignable to parameter of type 'Mode of cell 1'.",
  );
});

test("explains that markup needs an option of the project", () => {
  expect(cells.problems("const x = 1;\nconst page = <b className='wide'>text {x}</b>;")).toMatchObject([
    {
      line: 2,
      column: 14,
      length: 32,
      message:
        'JSX needs { "compilerOptions": { "jsx": "react-jsx" } } in tsconfig.json. HTML is a text, as in display({ "text/html": "<b>...</b>", "text/plain": "..." }).',
    },
  ]);
  expect(cells.problems("const cast = <string>'x'; cast.length < 2")).toEqual([]);
});

test("rejects commands of the shell and of IPython, and says what to do", () => {
  expect(cells.problems("const folder = '/';\n!ls -la /tmp")).toMatchObject([
    {
      line: 2,
      column: 1,
      length: 12,
      message:
        'There are no shell commands in TypeScript cells: import { execSync } from "node:child_process" and call execSync("ls -la /tmp", { stdio: "inherit" }).',
    },
  ]);
  expect(cells.problems("!ls")[0]?.message).toContain('call execSync("ls"');
  expect(cells.problems("%timeit x")).toMatchObject([
    { column: 1, message: "There are no magic commands in TypeScript cells: they belong to IPython." },
  ]);
  expect(cells.problems("let ready = false;\n!ready")).toEqual([]);
  expect(cells.problems("let ready = false;\n!ready\n;let wrong: number = ''")[0]?.code).toBe(2322);
});

test("checks types strictly", () => {
  expect(cells.problems("function f(x) { return x }")[0]?.code).toBe(7006);
  expect(cells.problems("[1].find(x => x > 1).toFixed()")[0]?.code).toBe(2532);
});

test("skips the checks of a cell with @ts-nocheck, and of a line with @ts-ignore or @ts-expect-error", async () => {
  expect(await cells.run("// @ts-nocheck\nconst n: number = 'text'; n")).toBe("text");
  expect(await cells.run("// @ts-ignore\nconst m: number = 'text';\nm")).toBe("text");
  expect(await cells.run("// @ts-expect-error\nconst k: number = 'text';\nk")).toBe("text");
  expect(cells.problems("// @ts-expect-error\nconst fine = 1")[0]?.message).toBe(
    "Unused '@ts-expect-error' directive.",
  );
});

test("checks against the types of earlier cells", async () => {
  await cells.run("interface User { name: string }\nlet user: User = { name: 'a' }; const many = [user]");
  expect(cells.problems("user = { nom: 'b' }")[0]?.message).toContain("'nom' does not exist in type 'User'");
  expect(cells.problems("many.push(3)")[0]?.message).toContain("'number' is not assignable");
  expect(cells.problems("declare global { interface Array<T> { last(): T } }")).toEqual([]);
});

test("keeps the global types that a cell adds", async () => {
  await cells.run(
    "declare global { interface Array<T> { lastOne(): T } }\nArray.prototype.lastOne = function () { return this[this.length - 1] }",
  );
  expect(await cells.run("[1, 2].lastOne().toFixed(1)")).toBe("2.0");
  Reflect.deleteProperty(Array.prototype, "lastOne");
});

test("maps stacks to the lines of cells and modules, and ends them with the cell", async () => {
  const notebook = new Cells();
  writeFileSync(
    join(notebook.folder, "deep.ts"),
    "interface A {}\n\nexport function deep(): never {\n  throw new Error('x');\n}",
  );
  await notebook.run(
    "interface A { x: number }\n\nfunction thrower(): never {\n  throw new TypeError('here');\n}",
  );
  const stack = (code: string) => notebook.run(code).catch((error: Error) => error.stack);
  expect(await stack("type B = A;\n\nconst late = async () => { await 0; thrower() };\nawait late();")).toBe(
    "TypeError: here\n    at thrower (cell 1:4:9)\n    at late (cell 2:3:37)\n    at async cell 2:4:1",
  );
  expect(await stack("import { deep } from './deep';\n[1].map(() => deep())")).toBe(
    `Error: x\n    at deep (${join(notebook.folder, "deep.ts")}:4:9)\n    at cell 3:2:15\n    at Array.map (<anonymous>)\n    at cell 3:2:5`,
  );
});

test("reports the names that a cell declares", () => {
  const { result } = cells.session.compile({
    code: "const a = 1, { b } = { b: 2 }; function c() {}",
    number: 1,
    file: "",
  });
  expect(result).toMatchObject({ names: ["a", "b", "c"] });
});

test("compiles decorators, accessors and private names", async () => {
  await cells.run(`
    function logged<T extends (...args: never[]) => unknown>(method: T, _context: ClassMethodDecoratorContext): T { return method }
    class Model { #hidden = 2; accessor rate = 1; @logged read() { return this.#hidden } }`);
  expect(await cells.run("const model = new Model(); model.rate = 4; model.read() + model.rate")).toBe(6);
});

test("knows what Node has beyond its own types, and obeys the project's target and lib", async () => {
  await cells.run("const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);");
  expect(await cells.run("new WebAssembly.Module(bytes) instanceof WebAssembly.Module")).toBe(true);
  expect(await cells.run("/[\\p{L}--[a-z]]/v.test('A')")).toBe(true);
  expect(cells.problems("Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)")).toEqual([]);
  const older = new Cells();
  writeFileSync(join(older.folder, "tsconfig.json"), '{ "compilerOptions": { "target": "ES2023" } }');
  const notebook = new Cells(older.folder);
  expect(notebook.problems("/a/v")[0]?.message).toContain("only available when targeting");
  expect(notebook.problems("Promise.withResolvers()")[0]?.message).toContain(
    "'withResolvers' does not exist",
  );
});

test("accepts objects of a class with private members for functions of cells before the class was run again", async () => {
  const notebook = new Cells();
  const named = (name: string) => `class Named { private secret = 1; #own = 2; name = "${name}" }`;
  await notebook.run(named("a"));
  await notebook.run("const greet = (one: Named) => one.name;");
  await notebook.run(named("b"));
  expect(await notebook.run("greet(new Named())")).toBe("b");
  expect(notebook.problems("new Named().secret")[0]?.message).toContain("'secret' does not exist");
});
