import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

/** Evaluates an expression in a process that has `gradbookProgram` of the built package. */
function evaluate<T>(expression: string): T {
  const script = `const { gradbookProgram } = require("./dist/lib/cli/program.js");
    const namesFor = async (first) => (await gradbookProgram(first)).commands.map((one) => one.name());
    (async () => console.log(JSON.stringify(await (${expression}))))();`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as T;
}

test("makes only the command that the first argument names, and all for any other argument", () => {
  const all = evaluate<string[]>("namesFor()");
  expect(all).toHaveLength(new Set(all).size);
  expect(all).toContain("train");
  expect(evaluate(`Promise.all(${JSON.stringify([...all, "trian"])}.map(namesFor))`)).toEqual([
    ...all.map((name) => [name]),
    all,
  ]);
});

/** Returns the files of the library that a process loads for `gradbook FIRST`, without executing the command. */
const loadedFor = (first: string) =>
  evaluate<string[]>(`gradbookProgram("${first}").then(() => Object.keys(require.cache))`).filter((file) =>
    file.startsWith(resolve("dist/lib")),
  );

test("loads nothing of a command for --version, and neither engine nor data for run", () => {
  expect(loadedFor("--version").filter((file) => !file.includes("/base/"))).toEqual([
    resolve("dist/lib/cli/program.js"),
  ]);
  expect(loadedFor("run").filter((file) => /\/lib\/(engine\/index|data|trainer)/.test(file))).toEqual([]);
});
