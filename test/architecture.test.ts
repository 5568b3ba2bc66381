import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import * as ts from "typescript";
import { expect, test } from "vitest";

/** What each room of lib/ may import; arrows point down only. ARCHITECTURE.md says why. */
const ARROWS: Record<string, readonly string[]> = {
  config: [],
  engine: [],
  files: ["config"],
  jupyter: [],
  random: [],
  samplers: ["config", "random"],
  signal: [],
  schedulers: ["config"],
  thread: [],
  terminal: [],
  nn: ["config", "engine", "random"],
  regularizers: ["config", "engine"],
  model: ["nn", "config", "engine", "jupyter", "objective", "random", "regularizers", "signal"],
  data: ["config", "files", "random", "samplers", "signal"],
  objective: ["config", "engine"],
  losses: ["engine"],
  metrics: ["engine", "losses"],
  optim: ["config", "engine"],
  launch: ["config", "engine", "files"],
  trainer: [
    "config",
    "engine",
    "files",
    "jupyter",
    "launch",
    "metrics",
    "nn",
    "optim",
    "regularizers",
    "schedulers",
  ],
  modules: ["config", "engine", "losses", "metrics", "samplers", "trainer"],
  callbacks: ["config", "engine", "trainer", "jupyter", "terminal"],
  plots: ["jupyter", "signal", "terminal", "trainer"],
  loggers: ["config", "engine", "files", "jupyter", "plots", "trainer"],
  twin: [
    "config",
    "data",
    "engine",
    "jupyter",
    "metrics",
    "model",
    "nn",
    "random",
    "regularizers",
    "samplers",
    "thread",
    "trainer",
  ],
  report: [
    "callbacks",
    "config",
    "data",
    "files",
    "jupyter",
    "model",
    "plots",
    "terminal",
    "trainer",
    "twin",
  ],
  setup: ["data", "engine", "files", "terminal"],
  batch: ["callbacks", "config", "files", "jupyter", "report", "setup", "terminal", "trainer"],
  search: ["batch", "config", "files", "jupyter", "plots", "report", "setup", "terminal", "trainer"],
  cli: [
    ...[
      "batch",
      "callbacks",
      "config",
      "data",
      "engine",
      "files",
      "jupyter",
      "launch",
      "loggers",
      "model",
      "objective",
      "optim",
      "plots",
      "report",
      "schedulers",
    ],
    ...["search", "setup", "terminal", "trainer", "twin"],
  ],
};

const files = readdirSync("lib", { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);
const imports = files.flatMap((file) => {
  const text = readFileSync(join("lib", file), "utf8");
  const found = [...text.matchAll(/(?:from|import|import\(|require\() ?"([^"]+)"/g)].map(
    (match) => match[1]!,
  );
  return found.map((target) => ({ file, target }));
});
const roomOf = (path: string) => path.split(/[\\/]/)[0]!;

const arrows = imports
  .filter(({ file, target }) => target.startsWith(".") && file.includes("/"))
  .map(({ file, target }) => ({
    file,
    from: roomOf(file),
    to: roomOf(relative("lib", resolve("lib", file, "..", target))),
  }))
  .filter(({ from, to }) => to !== from);

test("rooms import only what lies below them", () => {
  const upward = arrows
    .filter(({ from, to }) => !ARROWS[from]?.includes(to))
    .map(({ file, to }) => `${file} → ${to}`);
  expect(upward).toEqual([]);
});

test("the list holds the arrows that there are, and no others", () => {
  const drawn = new Set(arrows.map(({ from, to }) => `${from} → ${to}`));
  const listed = Object.entries(ARROWS).flatMap(([from, below]) => below.map((to) => `${from} → ${to}`));
  expect(listed.filter((arrow) => !drawn.has(arrow))).toEqual([]);
});

test("only the engine imports TensorFlow and tfjs", () => {
  const native = imports
    .filter(({ file, target }) => /^(@tensorflow\/|koffi)/.test(target) && roomOf(file) !== "engine")
    .map(({ file, target }) => `${file} → ${target}`);
  expect(native).toEqual([]);
});

test("files stay short enough to read at once", () => {
  const long = files.filter((file) => readFileSync(join("lib", file), "utf8").split("\n").length > 300);
  expect(long).toEqual([]);
});

/** Nothing in them throws, and their promise has a handler already: one made around it would be an unhandled rejection. */
const GIVES_A_PROMISE_ON = ["engine/queue.ts: exclusively", "twin/window-reader.ts: read"];

test("what promises is async, so that its errors reject and are not thrown before there is a promise", () => {
  const promising = files.flatMap((file) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (
        (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) &&
        node.body &&
        mayThrowAtOnce(node)
      )
        found.push(`${file}: ${node.name?.getText()}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(join("lib", file), "utf8"), ts.ScriptTarget.ES2022, true));
    return found;
  });
  expect(promising.sort()).toEqual(GIVES_A_PROMISE_ON);
});

/** Errors in the function of `new Promise` are rejections already. */
function mayThrowAtOnce({ type, modifiers, body }: ts.FunctionDeclaration | ts.MethodDeclaration): boolean {
  if (!type?.getText().startsWith("Promise<")) return false;
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)) return false;
  const [first] = body!.statements;
  const isNewPromise =
    first && ts.isReturnStatement(first) && first.expression && ts.isNewExpression(first.expression);
  return !isNewPromise;
}
