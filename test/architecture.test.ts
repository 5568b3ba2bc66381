import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** What each room of lib/ may import; arrows point down only. ARCHITECTURE.md says why. */
const ARROWS: Record<string, readonly string[]> = {
  config: [],
  engine: [],
  jupyter: [],
  random: [],
  samplers: ["random"],
  signal: [],
  schedulers: [],
  thread: [],
  terminal: [],
  nn: ["config", "engine", "random"],
  regularizers: ["engine"],
  model: ["nn", "config", "engine", "jupyter", "objective", "random", "regularizers", "signal"],
  data: ["config", "random", "samplers", "signal"],
  objective: ["engine"],
  metrics: ["engine"],
  optim: ["engine"],
  launch: ["config", "engine"],
  trainer: ["config", "engine", "jupyter", "launch", "nn", "optim", "regularizers", "schedulers"],
  modules: ["engine", "samplers", "trainer"],
  callbacks: ["config", "engine", "trainer", "jupyter", "terminal"],
  plots: ["signal", "trainer", "jupyter"],
  loggers: ["engine", "plots", "trainer"],
  twin: [
    "config",
    "data",
    "engine",
    "jupyter",
    "metrics",
    "model",
    "nn",
    "objective",
    "random",
    "regularizers",
    "samplers",
    "thread",
    "trainer",
  ],
  report: ["config", "data", "engine", "jupyter", "model", "plots", "trainer", "twin"],
  setup: ["config", "data", "engine"],
  batch: ["config", "jupyter", "report", "setup"],
  cli: [
    ...[
      "batch",
      "callbacks",
      "config",
      "data",
      "engine",
      "jupyter",
      "launch",
      "loggers",
      "objective",
      "plots",
      "report",
      "schedulers",
    ],
    ...["setup", "terminal", "trainer", "twin"],
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

test("rooms import only what lies below them", () => {
  const upward = imports
    .filter(({ file, target }) => target.startsWith(".") && file.includes("/"))
    .map(({ file, target }) => ({ file, to: roomOf(relative("lib", resolve("lib", file, "..", target))) }))
    .filter(({ file, to }) => to !== roomOf(file) && !ARROWS[roomOf(file)]?.includes(to))
    .map(({ file, to }) => `${file} → ${to}`);
  expect(upward).toEqual([]);
});

test("only the engine imports TensorFlow, tfjs and native code", () => {
  const native = imports
    .filter(({ file, target }) => /^(@tensorflow\/|koffi)/.test(target) && roomOf(file) !== "engine")
    .map(({ file, target }) => `${file} → ${target}`);
  expect(native).toEqual([]);
});

test("files stay short enough to read at once", () => {
  const long = files.filter((file) => readFileSync(join("lib", file), "utf8").split("\n").length > 300);
  expect(long).toEqual([]);
});
