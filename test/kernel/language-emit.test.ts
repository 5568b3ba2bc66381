import { beforeAll, expect, test } from "vitest";
import { Edits } from "../../kernel/language/edits";
import { Cells } from "./cells";

let cells: Cells;
beforeAll(() => {
  cells = new Cells();
});

test("keeps statements apart that end without a semicolon, with a type, or before a function", async () => {
  expect(
    await cells.run(
      "let log: unknown[] = []\nlog.push(1)\nfunction between() {}\n;[2].map(x => log.push(x))\nlog",
    ),
  ).toEqual([1, 2]);
  expect(
    await cells.run("let kept = log as unknown[]\nconst [first] = kept as number[]\nfirst as number"),
  ).toBe(1);
  expect(
    await cells.run(
      "const total = (log as number[]).reduce((a, b) => a + b)\ninterface After {}\ntotal satisfies number",
    ),
  ).toBe(3);
});

test("supports var as the only statement of a branch and of a loop, with any pattern", async () => {
  await cells.run(
    "let yes: boolean = true\nif (yes) var one: number | undefined = 1; else var { length: two } = 'no'",
  );
  expect(await cells.run("[one, typeof two]")).toEqual([1, "undefined"]);
  await cells.run(
    "let n = 0; const next = () => n++ < 3\nwhile (next()) var [seen] = [n]\nfor (var { x: px, ...rest } of [{ x: 1, y: 2 }]);",
  );
  expect(await cells.run("[seen, px, rest]")).toEqual([3, 1, { y: 2 }]);
  expect(await cells.run("for (var i: number, j = 2; j < 4; j++) i = j;\n[i!, j]")).toEqual([3, 4]);
});

test("returns a comma expression, a typed value and a default export whole", async () => {
  expect(await cells.run("let a1 = 1;\na1++, a1")).toBe(2);
  expect(await cells.run("export default { a: 1 } as { a: number }")).toEqual({ a: 1 });
  expect(await cells.run("export default async function* (x: number) { yield x }")).toBeUndefined();
  expect(await cells.run("5; interface Behind {} // a comment")).toBe(5);
  expect(await cells.run("const exported = 7; exported; export { exported as other };")).toBe(7);
});

test("keeps the names of functions and classes that are assigned", async () => {
  await cells.run(
    "const arrow = () => 1, { inner = () => 2 }: { inner?: () => number } = {}; const Named = class {};",
  );
  expect(await cells.run("[arrow.name, inner.name, Named.name]")).toEqual(["arrow", "inner", "Named"]);
});

test("keeps the names of functions and classes that are called like globals of Node", async () => {
  await cells.run(`
    class performance { static readonly self = performance.name; own = () => performance }
    async function fetch() { return fetch.name }
    const structuredClone = () => 1, { URL = class {} }: { URL?: new () => object } = {};
    let escape: (() => string) | undefined;
    escape ??= (function () { return 'e' }) as () => string;
    if (true) var atob = () => 2;
    const nested = [() => { class Blob { self = Blob.name } return new Blob() }, function Blob() { return Blob.name }];
    class Blob {}`);
  expect(
    await cells.run("[performance, fetch, structuredClone, URL, escape!, atob].map(f => f.name)"),
  ).toEqual(["performance", "fetch", "structuredClone", "URL", "escape", "atob"]);
  expect(
    await cells.run("[performance.self, new performance().own() === performance, await fetch()]"),
  ).toEqual(["performance", true, "fetch"]);
  expect(await cells.run("[nested[0]!() as { self: string }, nested[1]!()]")).toEqual([
    { self: "Blob" },
    "Blob",
  ]);
  expect(await cells.run("export default function () {}\nexport {}")).toBeUndefined();
  expect(Reflect.get(globalThis, "default_1").name).toBe("default");
  expect(typeof globalThis.performance.now()).toBe("number");
});

test("uses syntax that Node lacks beside syntax that it has", async () => {
  await cells.run(`
    const before: number = 1;
    enum Level { Low = before + 1 }
    namespace Outer { export const level = Level.Low }
    class Point { constructor(readonly x: number) {} accessor y = 2; }
    const cast = <number>(new Point(3).x as unknown);`);
  expect(await cells.run("[before, Level.Low, Outer.level, cast, new Point(1).y]")).toEqual([1, 2, 2, 3, 2]);
  expect(await cells.run("enum Level { High }\ntry { Object.keys(Level) } catch {}")).toBeUndefined();
  expect(await cells.run("Object.keys(Level)")).toEqual(["0", "High"]);
});

const stack = (code: string) => cells.run(code).catch((error: Error) => error.stack!.split("\n").slice(1, 3));

test("names the column of an error behind edits of its line", async () => {
  expect(await stack("const u: number = 1; for (const q of [1]) (null as any as { z: number }).z;")).toEqual([
    expect.stringMatching(/^ {4}at cell \d+:1:74$/),
  ]);
  expect(await stack("enum E { A }\nfunction fails(): never { throw new Error('x') }\nE.A; fails()")).toEqual(
    [
      expect.stringMatching(/^ {4}at fails \(cell \d+:2:33\)$/),
      expect.stringMatching(/^ {4}at cell \d+:3:6$/),
    ],
  );
});

test("leaves the text of long cells as it is", async () => {
  const declarations = Array.from({ length: 1500 }, (_, i) => `const value${i} = ${i} * 2 + 1;`);
  const objects = Array.from(
    { length: 5000 },
    (_, i) => `{ id: ${i}, name: "n${i}", tags: ["a"], in: { x: ${i} } },`,
  );
  const { result } = cells.session.compile({
    code: `const data = [\n${objects.join("\n")}\n];`,
    number: 900,
    file: "",
  });
  // Texts stay as they are, so the script is hardly longer than the cell.
  expect((result as { code: string }).code.length).toBeLessThan(objects.join("\n").length + 500);
  await cells.run(declarations.join("\n"));
  expect(await cells.run("value0 + value1499")).toBe(3000);
});

test("prints parts of an edited text in any order, with the places of all parts", () => {
  const edits = new Edits("one two\nthree");
  edits.insertBefore(4, "<");
  edits.insertAfter(7, ">");
  edits.replace(8, 13, "3");
  const { code, map } = edits.print([[8, 13], "\n", [0, 7]], "file");
  expect(code).toBe("3\none <two>");
  expect(map).toMatchObject({ version: 3, sources: ["file"], mappings: "AACA,C;A,AADA,AAAA,I,CAAI,AAAA,G" });
});
