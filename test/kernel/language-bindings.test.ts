import { beforeAll, expect, test } from "vitest";
import { Cells } from "./cells";

let cells: Cells;
beforeAll(() => {
  cells = new Cells();
});

test("lets a closure see the value that a later cell assigns", async () => {
  await cells.run("let z = 4; function h() { return z }");
  expect(await cells.run("h()")).toBe(4);
  expect(await cells.run("z = 10; h()")).toBe(10);
  expect(await cells.run("let z = 11; h()")).toBe(11);
});

test("returns the awaited value of a cell's last expression", async () => {
  expect(await cells.run("1 + 1")).toBe(2);
  expect(await cells.run("1 + 1;")).toBe(2);
  expect(await cells.run("Promise.resolve(7)")).toBe(7);
  expect(await cells.run("const nothing = 3")).toBeUndefined();
  expect(await cells.run("")).toBeUndefined();
  expect(await cells.run("({ a: 1 })")).toEqual({ a: 1 });
  expect(await cells.run("if (true) { 5 }")).toBeUndefined();
});

test("reads braces at the end of a cell as an object where a block would have labels", async () => {
  expect(await cells.run("{ a: 1, b: 2 }")).toEqual({ a: 1, b: 2 });
  expect(await cells.run("const c = 3;\n{ a: 1 }\n")).toEqual({ a: 1 });
  expect(await cells.run("{ 'a-b': [1], ...{ d: 4 } }")).toEqual({ "a-b": [1], d: 4 });
  expect(await cells.run("{ const inner = 5; }")).toBeUndefined();
});

test("lets a name be declared again with another type", async () => {
  await cells.run("const size = 3");
  await cells.run("const size = 'large'");
  expect(await cells.run("size.toUpperCase()")).toBe("LARGE");
  await cells.run("class size { x = 1 }");
  expect(await cells.run("new size().x")).toBe(1);
  await cells.run("function size() { return 'f' }");
  expect(await cells.run("size()")).toBe("f");
});

test("keeps the types of existing objects when a class is declared again", async () => {
  await cells.run("class Shape { sides = 4 }\nconst square = new Shape()");
  await cells.run("class Shape { corners = 4 }");
  expect(await cells.run("square.sides")).toBe(4);
  expect(cells.problems("square.corners")[0]?.message).toContain("Property 'corners' does not exist");
  expect(await cells.run("new Shape().corners")).toBe(4);
});

test("hoists functions, which call each other's current versions", async () => {
  expect(await cells.run("const made = make(); function make() { return 'made' }\nmade")).toBe("made");
  await cells.run("function one(): string { return two() } function two() { return 'old' }");
  await cells.run("function two() { return 'new' }");
  expect(await cells.run("one()")).toBe("new");
  expect(await cells.run("[one.name, (() => {}).name, make.name]")).toEqual(["one", "", "make"]);
});

test("supports destructuring, defaults and rest", async () => {
  await cells.run("const { a, b: [c, , d = 9], ...rest } = { a: 1, b: [2, 3] as number[], e: 5, f: 6 }");
  expect(await cells.run("[a, c, d, rest]")).toEqual([1, 2, 9, { e: 5, f: 6 }]);
  await cells.run("let [first, ...others] = [1, 2, 3]; let { x = 5 }: { x?: number } = {}");
  expect(await cells.run("[first, others, x]")).toEqual([1, [2, 3], 5]);
});

test("scopes var in blocks and loops to the session, and let and const to their block", async () => {
  await cells.run("for (var i = 0; i < 3; i++) { var last = i * 2 }\nfor (const k of [1]) { let inner = k }");
  expect(await cells.run("[i, last]")).toEqual([3, 4]);
  await cells.run("for (var item of ['p', 'q']) {}\nfor (var key in { r: 1 }) {}");
  expect(await cells.run("[item, key]")).toEqual(["q", "r"]);
  expect(cells.problems("inner")[0]?.message).toBe("Cannot find name 'inner'.");
});

test("uses classes, enums, namespaces, types and generics of earlier cells", async () => {
  await cells.run(`
    class Box<T> { static made = 0; constructor(readonly value: T) { Box.made++ } }
    enum Color { Red, Green = 5 }
    namespace Geo { export const pi = 3; export interface Point { x: number } }
    interface Pair<A, B = A> { a: A; b: B }
    type Id = string | number;
    abstract class Base { abstract f(): number }`);
  expect(await cells.run("new Box('s').value.length + Box.made")).toBe(2);
  expect(await cells.run("[Color.Green, Color[0], Geo.pi]")).toEqual([5, "Red", 3]);
  await cells.run(
    "const pair: Pair<Id, Geo.Point> = { a: 1, b: { x: 2 } }; class Sub extends Base { f() { return 3 } }",
  );
  expect(await cells.run("[pair.b.x, new Sub().f()]")).toEqual([2, 3]);
  await cells.run("enum Color { Blue }");
  expect(await cells.run("Object.keys(Color)")).toEqual(["0", "Blue"]);
});

test("lets a class and its static parts refer to the class", async () => {
  await cells.run("class Count { static n = 1; static m = Count.n + 1; static { Count.n = 5 } }");
  expect(await cells.run("[Count.n, Count.m, Count.name]")).toEqual([5, 2, "Count"]);
});

test("supports top-level await and for await", async () => {
  await cells.run("const late = await new Promise<number>(resolve => setTimeout(() => resolve(6), 1))");
  await cells.run(
    "async function* two() { yield 1; yield 2 }\nlet sum = 0; for await (const n of two()) sum += n",
  );
  expect(await cells.run("late + sum")).toBe(9);
});

test("keeps the declarations that a cell reached before it threw", async () => {
  await cells.run("let kept = 'old'");
  const failing = cells.run(
    "let before = 1; function hoisted() { return 2 }\nthrow new Error('x'); let after = 3; let kept = 5",
  );
  await expect(failing).rejects.toThrow("x");
  expect(await cells.run("before + hoisted()")).toBe(3);
  expect(cells.problems("after")[0]?.message).toBe("Cannot find name 'after'.");
  expect(await cells.run("kept.toUpperCase()")).toBe("OLD");
});

test("refuses assignments to a constant, in its cell and later", async () => {
  expect(cells.problems("const k = 1; k = 2")[0]?.message).toBe(
    "Cannot assign to 'k' because it is a constant.",
  );
  await cells.run("const fixed = 1");
  expect(cells.problems("fixed = 2")[0]?.message).toBe(
    "Cannot assign to 'fixed' because it is a constant of an earlier cell.",
  );
  expect(await cells.run("let copy = fixed; copy = 5; copy")).toBe(5);
});

test("lets later cells assign any type to a variable without a type", async () => {
  await cells.run("let open");
  await cells.run("open = 3");
  expect(await cells.run("open")).toBe(3);
  await cells.run("let run = null, best = undefined; let none: null = null");
  await cells.run("run = { loss: 1 }; best = 'last'");
  expect(await cells.run("[run.loss, best]")).toEqual([1, "last"]);
  expect(cells.problems("none = 5")[0]?.message).toBe("Type '5' is not assignable to type 'null'.");
});

test("lets a cell declare names of Node's globals, which libraries keep using", async () => {
  const { setTimeout: before } = globalThis;
  await cells.run(`
    import { setTimeout } from "node:timers/promises";
    const performance = { now: () => 5 };
    let { URL, File: Blob = 3 } = { URL: 1 } as { URL: number; File?: number };
    function fetch(crypto: number) { return { crypto, fetch: performance.now() + crypto } }`);
  expect(await cells.run("await setTimeout(1, 'late')")).toBe("late");
  expect(await cells.run("[performance.now(), URL, Blob, fetch(2)]")).toEqual([
    5,
    1,
    3,
    { crypto: 2, fetch: 7 },
  ]);
  expect(await cells.run("({ performance, other: { URL } }).performance.now()")).toBe(5);
  expect(setTimeout).toBe(before);
  expect(new URL("a:b").protocol).toBe("a:");
  expect(await cells.run("let Buffer = 1; ({ Buffer } = { Buffer: 2 }); Buffer")).toBe(2);
  expect(await cells.run("const __cell__ = 3; __cell__")).toBe(3);
  expect(await cells.run("const { sep } = await import('node:path'); __cell__ + sep")).toBe("3/");
});

test("disposes `using` declarations at the end of the cell and returns its last expression", async () => {
  await cells.run("const said: string[] = [];");
  const one = "using one = { n: 1, [Symbol.dispose]() { said.push('one') } };";
  const two = "await using two = { async [Symbol.asyncDispose]() { said.push('two') } };";
  expect(await cells.run(`${one}\n${two}\nsaid.push("cell"); one.n + 1`)).toBe(2);
  expect(await cells.run("said")).toEqual(["cell", "two", "one"]);
  await expect(cells.run(`${one}\nthrow new Error("no")`)).rejects.toThrow("no");
  expect(await cells.run("[said.length, one.n]")).toEqual([4, 1]);
});
