import { mkdirSync, mkdtempSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, expect, test } from "vitest";
import { loadTypeScript } from "../../lib/base/config/user-module";
import { Cells } from "./cells";

let project: string;
let cells: Cells;
let edits = 0;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "project-"));
  mkdirSync(join(project, "notebooks"));
  cells = new Cells(join(project, "notebooks"));
});

function write(file: string, text: string): string {
  const path = join(project, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  // Edits by hand are at least a second apart.
  utimesSync(path, new Date(), new Date(Date.now() + 1000 * ++edits));
  return path;
}

test("imports TypeScript from beside the notebook and above, with types", async () => {
  write(
    "lib/x.ts",
    "import { half } from './y'; export const quarter = (x: number): number => half(half(x));",
  );
  write(
    "lib/y.ts",
    "export enum Mode { A = 7 }\nexport type Size = number; export function half(x: Size) { return x / 2 }",
  );
  await cells.run(
    'import { quarter } from "../lib/x.ts"; import * as y from "../lib/y"; import type { Size } from "../lib/y";',
  );
  expect(await cells.run("const size: Size = 8; [quarter(size), y.Mode.A]")).toEqual([2, 7]);
  expect(cells.problems("quarter('a')")[0]?.message).toBe(
    "Argument of type 'string' is not assignable to parameter of type 'number'.",
  );
});

test("needs no import at run time for a name that is only a type", async () => {
  write("notebooks/types.ts", "console.assert(false); export interface Point { x: number }");
  await cells.run('import { Point } from "./types"; const p: Point = { x: 1 }');
  expect(await cells.run("const q: Point = p; q.x")).toBe(1);
});

test("reloads an edited module and the modules that import it", async () => {
  write("notebooks/deep.ts", "export const depth = 1; export const same = {};");
  write("notebooks/top.ts", "import { depth } from './deep'; export const twice = () => depth * 2;");
  write("notebooks/other.ts", "export const identity = {};");
  const load = 'import { twice } from "./top"; import { identity } from "./other";';
  await cells.run(load);
  expect(await cells.run("const first = identity; twice()")).toBe(2);
  await cells.run(load);
  expect(await cells.run("identity === first")).toBe(true);
  write("notebooks/deep.ts", "export const depth = 'ab'.length * 5;");
  await cells.run(load);
  expect(await cells.run("twice()")).toBe(20);
  expect(await cells.run("identity === first")).toBe(true);
  write("notebooks/top.ts", "export const twice = () => 'now a text';");
  await cells.run(load);
  expect(await cells.run("twice().toUpperCase()")).toBe("NOW A TEXT");
});

test("supports import cycles, live exports, and top-level await in a module", async () => {
  write(
    "notebooks/a.ts",
    "import { b } from './b'; export const a = () => 'a' + b(); export let n = 0; export const up = () => { n++ };",
  );
  write(
    "notebooks/b.ts",
    "import { n, up } from './a'; export const b = () => { up(); return 'b' + n }; export default await Promise.resolve(3);",
  );
  await cells.run('import three, { b } from "./b"; import { a } from "./a"');
  expect(await cells.run("[a(), b(), three]")).toEqual(["ab1", "b2", 3]);
});

test("keeps imported names up to date with the module until they are redeclared", async () => {
  write(
    "notebooks/state.ts",
    "export let model: { size: number } | undefined; let loads = 0; export { loads as count };\nexport const load = async () => { await 0; loads++; model = { size: loads } };",
  );
  await cells.run('import { count, load, model } from "./state"; const before = model;');
  expect(await cells.run("await load(); [before, model!.size, count]")).toEqual([undefined, 1, 1]);
  await cells.run("let count = 'mine'; await load();");
  expect(await cells.run("[model!.size, count]")).toEqual([2, "mine"]);
});

test("runs a file without exports once, as a module", async () => {
  write(
    "notebooks/prepare.ts",
    "Reflect.set(globalThis, 'prepared', (Reflect.get(globalThis, 'prepared') ?? 0) + 1);",
  );
  write(
    "notebooks/needs.ts",
    "import './prepare'; export const ready = Reflect.get(globalThis, 'prepared') as number;",
  );
  await cells.run('import "./prepare"; import { ready } from "./needs"; import "./prepare"');
  expect(await cells.run("ready")).toBe(1);
  Reflect.deleteProperty(globalThis, "prepared");
});

test("finds a file that was written after an import of it failed", async () => {
  const cell = 'import { late } from "./late"; late';
  expect(cells.problems(cell)[0]?.message).toContain("Cannot find module './late'");
  write("notebooks/late.ts", "import { more } from './more'; export const late = more");
  await expect(cells.run(cell)).rejects.toThrow("Cannot find module");
  write("notebooks/more.ts", "export const more = 'text'");
  expect(await cells.run(cell)).toBe("text");
  expect(cells.warnings).toEqual([]);
  expect(cells.problems("late.toFixed()")[0]?.message).toContain("on type '\"text\"'");
});

test("names the place where a module fails, and imports it after it is repaired", async () => {
  write("notebooks/broken.ts", "export const x: number = ;");
  const broken = cells.run('// @ts-nocheck\nimport { x } from "./broken"');
  await expect(broken).rejects.toThrow(
    /broken\.ts:1:26: Expression expected\.\n {4}export const x: number = ;/,
  );
  write("notebooks/broken.ts", "throw new Error('at start'); export const x = 1;");
  await expect(cells.run('import { x } from "./broken"')).rejects.toThrow("at start");
  write("notebooks/broken.ts", "export const x = 2;");
  await cells.run('import { x } from "./broken"');
  expect(await cells.run("x")).toBe(2);
});

test("reports type errors in a module once per edit, and runs the cell", async () => {
  const file = write("notebooks/wrong.ts", "export const one = 1;\nexport const n: number = 'text';\n");
  await cells.run('import { n } from "./wrong"; n');
  expect(cells.warnings).toEqual([
    {
      file,
      diagnostics: [
        {
          line: 2,
          column: 14,
          length: 1,
          code: 2322,
          message: "Type 'string' is not assignable to type 'number'.",
          source: "export const n: number = 'text';",
        },
      ],
    },
  ]);
  await cells.run('import { one } from "./wrong"; one');
  expect(cells.warnings).toEqual([]);
  write("notebooks/wrong.ts", "export const one = 1;\nexport const n: number = 2;\n");
  await cells.run('import { n } from "./wrong"; n');
  expect(cells.warnings).toEqual([]);
  write("notebooks/wrong.ts", "// @ts-nocheck\nexport const n: number = 'text';\n");
  await cells.run('import { n } from "./wrong"; n');
  expect(cells.warnings).toEqual([]);
});

test("shares one instance of a module between cells and configurations until it is edited", async () => {
  write("notebooks/deep.ts", "export const shared = { by: 'nobody' };");
  const file = write(
    "notebooks/mine.ts",
    "import { basename } from 'node:path'; export * from './deep'; export const state = { count: 0, basename };",
  );
  const { shared, state } = loadTypeScript(file) as Record<string, Record<string, unknown>>;
  [shared!.by, state!.count] = ["configuration", 5];
  await cells.run('import { state } from "./mine"; import { shared } from "./deep";');
  expect(await cells.run("[shared.by, state.count, state.basename('a/b')]")).toEqual([
    "configuration",
    5,
    "b",
  ]);
  await cells.run("state.count = 6;");
  expect(loadTypeScript(file)).toMatchObject({ state: { count: 6 } });
  write("notebooks/mine.ts", "export const state = { count: 1 };");
  expect(loadTypeScript(file)).toMatchObject({ state: { count: 1 } });
});

test("refuses a configuration's module with top-level await until a cell has imported it", async () => {
  const file = write("notebooks/slow.ts", "export const answer = await Promise.resolve(42);");
  expect(() => loadTypeScript(file)).toThrow(
    `${file} awaits at its top level: import it in a cell before it is named elsewhere`,
  );
  await cells.run('import { answer } from "./slow"');
  expect(loadTypeScript(file)).toMatchObject({ answer: 42 });
});

test("gives two simultaneous imports the same complete module", async () => {
  write("notebooks/deep.ts", "export const deep = await Promise.resolve({});");
  write("notebooks/top.ts", "import { deep } from './deep'; export const top = deep;");
  const both =
    'const [one, two, three] = await Promise.all([import("./top"), import("./top"), import("./deep")]);';
  expect(await cells.run(`${both} [one.top === two.top, one.top === three.deep]`)).toEqual([true, true]);
});

test("tries a module again that failed for a reason outside of its text", async () => {
  const file = write(
    "notebooks/reads.ts",
    "export const data = import.meta.dirname + (globalThis as any).there.now;",
  );
  await expect(cells.run('import { data } from "./reads"')).rejects.toThrow(
    "Cannot read properties of undefined",
  );
  await cells.run("(globalThis as any).there = { now: '!' }");
  await cells.run('import { data } from "./reads"');
  expect(await cells.run("data")).toBe(`${dirname(file)}!`);
});

test("imports the JSON of a package, with and without the attribute", async () => {
  write("notebooks/node_modules/data/package.json", '{ "name": "data", "version": "2.1.0" }');
  write("notebooks/node_modules/data/list.json", "[1, 2]");
  await cells.run(
    'import info from "data/package.json" with { type: "json" }; import list from "data/list.json";',
  );
  expect(await cells.run("[info.version, list.length]")).toEqual(["2.1.0", 2]);
  expect(await cells.run('(await import("data/list.json", { with: { type: "json" } })).default')).toEqual([
    1, 2,
  ]);
});

test("imports JSON with types", async () => {
  write("notebooks/settings.json", '{ "lr": 0.1, "name": "first" }');
  await cells.run('import settings from "./settings.json"; import { lr } from "./settings.json"');
  expect(await cells.run("[settings.name.length, lr]")).toEqual([5, 0.1]);
});

test("imports JavaScript beside the notebook, with or without its extension", async () => {
  write("notebooks/old #1/plain.js", "exports.plain = 'js'; exports.self = __filename");
  const file = write(
    "notebooks/old #1/uses.ts",
    "import { plain } from './plain'; export const used = plain;",
  );
  await cells.run('import { plain } from "./old #1/plain"; import { self } from "./old #1/plain.js";');
  expect(await cells.run("[plain, self]")).toEqual(["js", join(dirname(file), "plain.js")]);
  expect(loadTypeScript(file)).toMatchObject({ used: "js" });
});

test("imports packages: ESM only, exports maps, and CommonJS with all of its names", async () => {
  const packages = "node_modules";
  write(
    `${packages}/esm/package.json`,
    '{ "name": "esm", "type": "module", "exports": { ".": { "types": "./m.d.ts", "import": "./m.js" }, "./sub": { "types": "./m.d.ts", "import": "./sub.js" } } }',
  );
  write(`${packages}/esm/m.js`, "export const one = 1; export default 'whole'");
  write(`${packages}/esm/sub.js`, "export const one = 'sub'; export default 0");
  write(
    `${packages}/esm/m.d.ts`,
    "export declare const one: number | string; declare const whole: unknown; export default whole",
  );
  write(`${packages}/cjs/package.json`, '{ "name": "cjs" }');
  write(`${packages}/cjs/index.js`, "const all = { hidden: 4 }; module.exports = all");
  await cells.run(
    'import whole, { one } from "esm"; import { one as sub } from "esm/sub"; import { hidden } from "cjs"',
  );
  expect(await cells.run("[whole, one, sub, hidden]")).toEqual(["whole", 1, "sub", 4]);
});

test("supports import.meta and dynamic import in cells and modules", async () => {
  const file = write(
    "notebooks/meta.ts",
    "export const meta = import.meta; export const late = () => import('./late');",
  );
  write("notebooks/late.ts", "export default 'late'");
  await cells.run('import { meta, late } from "./meta"');
  const url = pathToFileURL(file).href;
  expect(await cells.run("[meta.url, meta.filename, meta.dirname]")).toEqual([url, file, dirname(file)]);
  expect(await cells.run("(await late()).default")).toBe("late");
  expect(await cells.run("import.meta.dirname")).toBe(cells.folder);
  expect(await cells.run('import.meta.resolve("./late.ts")')).toBe(
    pathToFileURL(join(cells.folder, "late.ts")).href,
  );
  expect(await cells.run('const path = "./late"; (await import(path)).default')).toBe("late");
  expect(await cells.run('(await import("node:path")).basename(__filename)')).toBe("notebook.ts");
});

test("follows the project's tsconfig.json for paths and strictness, but not for output", async () => {
  write(
    "tsconfig.json",
    '{ "compilerOptions": { "strict": false, "noUnusedLocals": true, "outDir": "x", "module": "commonjs", "paths": { "@lib/*": ["./src/*"] } } }',
  );
  write("src/deep/tool.ts", "import { other } from '@lib/other'; export const tool = other + 1;");
  write("src/other.ts", "export const other = 1;");
  cells = new Cells(join(project, "notebooks"));
  await cells.run('import { tool } from "@lib/deep/tool"; function loose(x) { return x }');
  expect(await cells.run("loose(tool)")).toBe(2);
});

test("imports the kernel's own library and its rooms, whatever paths the project's tsconfig.json gives them", async () => {
  write(
    "tsconfig.json",
    '{ "compilerOptions": { "paths": { "gradbook": ["./own.ts"], "gradbook/*": ["./own.ts"] } } }',
  );
  write("own.ts", "export const own = 1;");
  cells = new Cells(join(project, "notebooks"));
  for (const path of ["gradbook", "gradbook/losses"])
    expect(cells.problems(`import { own } from "${path}"; own`)[0]?.message).toMatch(
      /has no exported member 'own'/,
    );
  expect(await cells.run('import { losses } from "gradbook/losses"; typeof losses.meanSquaredError')).toBe(
    "function",
  );
});

test("reports mistakes in a tsconfig.json once and applies the rest of it", async () => {
  write("tsconfig.json", '{ "compilerOptions": {\n  "strict": false, "strickt": true }');
  cells = new Cells(join(project, "notebooks"));
  await cells.run("function loose(x) { return x }");
  expect(cells.warnings.map(({ file }) => file)).toEqual([join(project, "tsconfig.json")]);
  expect(cells.warnings[0]!.diagnostics.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    "2: '}' expected.",
    "2: Unknown compiler option 'strickt'. Did you mean 'strict'?",
  ]);
  await cells.run("loose(1)");
  expect(cells.warnings).toEqual([]);
});

test("uses the kernel's own gradbook and tslab without node_modules", async () => {
  expect(
    cells.problems('import { Trainer } from "gradbook"; new Trainer({ maxEpochs: "x" })')[0]?.message,
  ).toBe("Type 'string' is not assignable to type 'number'.");
  // The type of what a call returns is that of a file which the notebook's folder cannot name.
  await cells.run(
    'import { Curves, curvesFigure } from "gradbook"; const drawn = curvesFigure(new Curves(), ["a"]);',
  );
  expect(cells.problems("drawn.svg().length + 1; drawn.nothing")[0]?.message).toBe(
    "Property 'nothing' does not exist on type 'Figure'.",
  );
  await cells.run("const anonymous = class { private one = 1; two = 2 }; const many = [new anonymous()];");
  expect(cells.problems("many[0]!.two.toFixed().nothing")[0]?.message).toContain("on type 'string'");
  await cells.run('import { Trainer as FromCell } from "gradbook"');
  write("notebooks/mine.ts", 'export { Trainer as FromModule } from "gradbook";');
  await cells.run('import { FromModule } from "./mine"');
  expect(await cells.run("FromModule === FromCell")).toBe(true);
});

test("reports a missing module before anything runs", () => {
  expect(cells.problems('import { x } from "./missing"')[0]?.message).toBe(
    "Cannot find module './missing' or its corresponding type declarations.",
  );
});

test("treats a link to a package's sources as the package, as Node does", async () => {
  write("packages/linked/package.json", '{ "name": "linked", "main": "main.js", "types": "src.ts" }');
  write("packages/linked/main.js", "exports.from = 'main'");
  write("packages/linked/src.ts", "export const from: string = 'source'");
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(join(project, "packages/linked"), join(project, "node_modules/linked"));
  await cells.run('import { from } from "linked"');
  expect(await cells.run("from")).toBe("main");
});

test("reads modules and JSON with a line for an interpreter or a byte order mark", async () => {
  write("notebooks/script.ts", "#!/usr/bin/env tsx\nexport const line = new Error().stack!;\n");
  write(
    "notebooks/windows.ts",
    "\ufeff#!/usr/bin/env tsx\r\nimport data from './windows.json';\r\nexport const n: number = data.n;\r\n",
  );
  write("notebooks/windows.json", '\ufeff{ "n": 3 }');
  expect(await cells.run('import { line } from "./script"; import { n } from "./windows"; n')).toBe(3);
  expect(cells.warnings).toEqual([]);
});

test("imports a module with export = by its default", async () => {
  write("notebooks/whole.cts", "const all = { width: 3 };\nexport = all;\n");
  expect(await cells.run('import whole from "./whole.cts"; whole.width')).toBe(3);
});

test("imports the members of a value that a module exports by export =", async () => {
  write(
    "notebooks/eq.cts",
    "function whole(x: number) { return x * 2 }\nnamespace whole { export const join = (a: string) => 'j' + a; export interface Part { n: number } }\nexport = whole;",
  );
  write("notebooks/object.ts", "const all = { join: (a: string) => 'x' + a, n: 5 }; export = all;");
  write(
    "notebooks/uses.ts",
    'import { n } from "./object"; import * as star from "./eq.cts"; export const both = [n, star.join("s")];',
  );
  await cells.run(
    'import whole, { join, type Part } from "./eq.cts"; import { join as second, n } from "./object";',
  );
  await cells.run(
    'import * as star from "./eq.cts"; import { both } from "./uses"; const part: Part = { n: 1 };',
  );
  expect(await cells.run('[whole(2), join("a"), second("b"), n, star.join("c"), both]')).toEqual([
    4,
    "ja",
    "xb",
    5,
    "jc",
    [5, "js"],
  ]);
});

test("imports the members of a package's value: of a function, a class and an instance", async () => {
  const add = (name: string, code: string, types: string) => {
    write(`notebooks/node_modules/${name}/package.json`, `{ "name": "${name}", "types": "index.d.ts" }`);
    write(`notebooks/node_modules/${name}/index.js`, code);
    write(`notebooks/node_modules/${name}/index.d.ts`, types);
  };
  add(
    "eqf",
    "module.exports = (a) => a + 1; module.exports.join = (a) => '/' + a;",
    "declare function f(a: number): number; declare namespace f { function join(a: string): string } export = f;",
  );
  add(
    "eqi",
    "class P { join(a) { return 'p' + a } get sep() { return '/' } } module.exports = new P();",
    "declare namespace p { interface P { join(a: string): string; readonly sep: string } } declare const p: p.P; export = p;",
  );
  await cells.run(
    'import f, { join } from "eqf"; import * as star from "eqf"; import { join as other, sep } from "eqi";',
  );
  expect(await cells.run('[f(1), join("a"), star.join("b"), other("c"), sep]')).toEqual([
    2,
    "/a",
    "/b",
    "pc",
    "/",
  ]);
});

test("requires TypeScript as it requires JavaScript", async () => {
  write("notebooks/eq.cts", "enum Mode { A = 4 }\nexport = { mode: Mode.A };");
  write("notebooks/named.ts", "export const named: number = 6;");
  await cells.run('import whole = require("./eq.cts");');
  expect(
    await cells.run(
      '[whole.mode, require("./named").named, require("node:path").sep, typeof require.resolve]',
    ),
  ).toEqual([4, 6, "/", "function"]);
});

/** A runtime of JSX that returns what it is given. */
function writeRuntime(): void {
  const folder = "notebooks/node_modules/mini";
  write(
    `${folder}/package.json`,
    '{ "name": "mini", "exports": { "./jsx-runtime": { "types": "./jsx-runtime.d.ts", "default": "./jsx-runtime.js" } } }',
  );
  write(`${folder}/jsx-runtime.js`, "exports.jsx = exports.jsxs = (type, props) => ({ type, ...props });");
  write(
    `${folder}/jsx-runtime.d.ts`,
    "export namespace JSX { interface IntrinsicElements { b: { id?: string; children?: unknown } } interface ElementChildrenAttribute { children: {} } }\nexport declare function jsx(type: unknown, props: object): unknown; export declare const jsxs: typeof jsx;",
  );
}

test("imports modules with JSX, and compiles JSX in a cell where the project says how", async () => {
  writeRuntime();
  write("notebooks/view.tsx", "export const bold = (text: string) => <b id='v'>{text}</b>;");
  write("tsconfig.json", '{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "mini" } }');
  cells = new Cells(join(project, "notebooks"));
  await cells.run('import { bold } from "./view"; const n: number = 3;');
  expect(cells.warnings).toEqual([]);
  expect(await cells.run('bold("x")')).toEqual({ type: "b", id: "v", children: "x" });
  expect(await cells.run("<b>{n}</b>")).toEqual({ type: "b", children: 3 });
  expect(await cells.run("const f = <T,>(x: T) => x;\nf(n) < 4")).toBe(true);
  expect(cells.problems("<b id={3}/>")[0]?.message).toBe("Type 'number' is not assignable to type 'string'.");
});

test("imports modules with JSX without a project, and preserves no JSX for other tools", async () => {
  writeRuntime();
  write("notebooks/view.tsx", "/** @jsxImportSource mini */\nexport const bold = <b>bold</b>;");
  expect(await cells.run('import { bold } from "./view"; bold')).toEqual({ type: "b", children: "bold" });
  write("tsconfig.json", '{ "compilerOptions": { "jsx": "preserve", "jsxImportSource": "mini" } }');
  expect(await new Cells(join(project, "notebooks")).run("<b/>")).toEqual({ type: "b" });
});

test("compiles the decorators of older projects, with the types as metadata", async () => {
  write(
    "tsconfig.json",
    '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
  );
  cells = new Cells(join(project, "notebooks"));
  await cells.run(
    "const seen: unknown[] = []; (Reflect as any).metadata = (key: string, type: unknown) => () => void seen.push([key, type]);\nconst field = (_: object, name: string) => void seen.push(name);",
  );
  await cells.run("class Row { @field size: number = 1 }");
  expect(await cells.run("seen")).toEqual([["design:type", Number], "size"]);
});
