import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import * as ts from "typescript";
import { expect, test } from "vitest";

/** The rooms of lib/ with the lower rooms that each may import. ARCHITECTURE.md gives the reasons. */
const ARROWS: Record<string, readonly string[]> = {
  base: [],
  engine: [],
  nn: ["base", "engine"],
  losses: ["base", "engine"],
  metrics: ["engine", "losses"],
  distributed: ["base", "engine"],
  widgets: ["base"],
  model: ["base", "engine", "losses", "nn"],
  protocols: ["base", "engine", "metrics", "model", "nn"],
  plots: ["base", "protocols", "widgets"],
  data: ["base", "engine", "model", "protocols"],
  trainer: ["base", "distributed", "engine", "metrics", "nn", "protocols"],
  layers: ["base", "data", "engine", "losses", "metrics", "protocols", "trainer"],
  twin: ["base", "data", "distributed", "engine", "losses", "metrics", "model", "nn", "protocols", "trainer"],
  callbacks: ["base", "engine", "plots", "protocols", "trainer"],
  insilico: ["base", "data", "engine", "metrics", "model", "plots", "twin", "widgets"],
  export: ["base", "engine", "insilico", "model", "nn", "trainer", "twin"],
  evaluation: [
    "base",
    "callbacks",
    "data",
    "insilico",
    "metrics",
    "model",
    "plots",
    "protocols",
    "trainer",
    "twin",
  ],
  cli: [
    "base",
    "callbacks",
    "data",
    "distributed",
    "engine",
    "evaluation",
    "export",
    "insilico",
    "losses",
    "metrics",
    "model",
    "plots",
    "protocols",
    "trainer",
    "twin",
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

test("every arrow on the list exists in the code", () => {
  const drawn = new Set(arrows.map(({ from, to }) => `${from} → ${to}`));
  const listed = Object.entries(ARROWS).flatMap(([from, below]) => below.map((to) => `${from} → ${to}`));
  expect(listed.filter((arrow) => !drawn.has(arrow))).toEqual([]);
});

/** All files of lib/ and kernel/, each with the files of both that it imports. */
const graph = new Map(
  ["lib", "kernel"].flatMap((top) => sourcesOf(top)).map((file, _, all) => [file, importsOf(file, all)]),
);

function sourcesOf(top: string): string[] {
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(top, file));
}

function importsOf(file: string, all: readonly string[]): string[] {
  const targets = [...readFileSync(file, "utf8").matchAll(/(?:from|import|require)\s*\(?\s*"(\.[^"]*)"/g)];
  return targets.flatMap(([, target]) => filesOf(file, target!, all));
}

/** The file that an import refers to, as a list of one; none for a package. */
function filesOf(file: string, target: string, all: readonly string[]): string[] {
  if (!target.startsWith(".")) return [];
  // Dynamic imports name the compiled file.
  const path = relative(".", resolve(file, "..", target.replace(/\.js$/, "")));
  return all.filter((each) => [`${path}.ts`, join(path, "index.ts"), path].includes(each));
}

test("files do not import each other in circles", () => {
  const circles: string[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const target of graph.get(file)!) visit(target, [...path, file]);
    state.set(file, "done");
  };
  for (const file of graph.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

/** The rooms of kernel/ with the other rooms that each may import; all may import `base` of lib/. */
const KERNEL_ARROWS: Record<string, readonly string[]> = {
  protocol: [],
  debugger: ["language"],
  sockets: ["debugger", "language", "protocol"],
  output: ["sockets"],
  show: ["language", "output", "protocol", "sockets"],
  language: [],
  evaluator: ["language", "output", "protocol", "show", "sockets"],
};

test("the kernel imports only the base room of the library, and its own rooms import downwards only", () => {
  const arrows = [...graph].flatMap(([file, targets]) =>
    file.startsWith("kernel") ? targets.map((target) => ({ file, target })) : [],
  );
  const ofLibrary = arrows.filter(
    ({ target }) => target.startsWith("lib") && !target.startsWith(join("lib", "base")),
  );
  expect(ofLibrary).toEqual([]);
  const room = (path: string) => path.split(/[\\/]/).slice(1, -1)[0] ?? "";
  const drawn = new Set(
    arrows
      .filter(({ file, target }) => target.startsWith("kernel") && room(file) && room(file) !== room(target))
      .map(({ file, target }) => `${room(file)} → ${room(target)}`),
  );
  const listed = Object.entries(KERNEL_ARROWS).flatMap(([from, below]) =>
    below.map((to) => `${from} → ${to}`),
  );
  expect([...drawn].sort()).toEqual(listed.sort());
});

/** The packages that each thread of the kernel may load before it is ready. Each costs the user waiting time. */
const KERNEL_PACKAGES: Record<string, readonly string[]> = {
  "main.ts": ["koffi", "pngjs"],
  "sockets/thread.ts": ["koffi", "zeromq"],
  "language/runtime/user-thread.ts": [],
  "language/worker.ts": ["#ts-blank-space", "@jridgewell/sourcemap-codec", "typescript"],
};

test.each(Object.entries(KERNEL_PACKAGES))(
  "kernel/%s loads only the packages that it needs",
  (entry, needed) => {
    const loaded = new Map<string, string[]>();
    const visit = (file: string): void => {
      if (loaded.has(file)) return;
      const text = readFileSync(file, "utf8").replaceAll(/^(?:import|export) type [^;]*;/gm, "");
      const targets = [...text.matchAll(/^(?:import|(?:import|export|\})[^;"]* from) "([^"]+)";/gm)].map(
        ([, name]) => name!,
      );
      loaded.set(file, targets);
      for (const target of targets) for (const path of filesOf(file, target, [...graph.keys()])) visit(path);
    };
    visit(join("kernel", entry));
    const packages = [...loaded.values()].flat().filter((name) => !/^(\.|node:)/.test(name));
    expect([...new Set(packages)].sort()).toEqual(needed);
  },
);

test("only the engine imports TensorFlow and tfjs", () => {
  const native = imports
    .filter(({ file, target }) => /^(@tensorflow\/|koffi)/.test(target) && roomOf(file) !== "engine")
    .map(({ file, target }) => `${file} → ${target}`);
  expect(native).toEqual([]);
});

test("files stay short enough to read in one sitting", () => {
  const long = files.filter((file) => readFileSync(join("lib", file), "utf8").split("\n").length > 300);
  expect(long).toEqual([]);
});

/**
 * These functions do not throw, and their promise already has a handler: an additional async promise would be an
 * unhandled rejection.
 */
const GIVES_A_PROMISE_ON = ["data/serving/host-reader.ts: read", "engine/queue.ts: exclusively"];

test("functions that return a promise are async", () => {
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

/** Errors in the function of `new Promise` become rejections anyway. */
function mayThrowAtOnce({ type, modifiers, body }: ts.FunctionDeclaration | ts.MethodDeclaration): boolean {
  if (!type?.getText().startsWith("Promise<")) return false;
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)) return false;
  const [first] = body!.statements;
  const isNewPromise =
    first && ts.isReturnStatement(first) && first.expression && ts.isNewExpression(first.expression);
  return !isNewPromise;
}

test("every file and folder that ARCHITECTURE.md names exists", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const named = [...text.matchAll(/`([\w./-]+(?:\.(?:ts|py)|\/))`/g)].map(([, path]) => path!);
  const tracked = execFileSync("git", ["ls-files"], { encoding: "utf8" }).split("\n");
  // The build writes dist/.
  const exists = (path: string) =>
    path === "dist/" || tracked.some((file) => `/${file}`.includes(`/${path}`));
  expect(named.filter((path) => !exists(path))).toEqual([]);
});
