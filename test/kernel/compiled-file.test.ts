import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../new-folder";

/** Loads a file in a process of its own and stores its compiled code. @returns the file's export, and whether stored code was used */
function load(file: string, env: NodeJS.ProcessEnv): string {
  const language = resolve("kernel", "language");
  const code = `
    const { CompiledFile } = require(${JSON.stringify(join(language, "compiled-file.ts"))});
    const { collectGarbage } = require(${JSON.stringify(join(language, "garbage.ts"))});
    const compiled = CompiledFile.load(${JSON.stringify(file)});
    collectGarbage();
    console.log(require(${JSON.stringify(file)}).twice(21), compiled?.isStored);
    compiled?.save();`;
  const options = { env: { ...process.env, ...env }, encoding: "utf8" } as const;
  return execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", code], options).trim();
}

function libraryIn(
  folder: string,
  text = "exports.twice = (x) => require('node:path').basename(__filename) && 2 * x;",
) {
  const file = join(folder, "library.cjs");
  writeFileSync(file, text);
  return file;
}

test("the compiled code of a package is stored once, and used by the next process", () => {
  const folder = newFolder();
  const file = libraryIn(folder);
  const env = { NODE_COMPILE_CACHE: join(folder, "cache") };
  expect(load(file, env)).toBe("42 false");
  expect(load(file, env)).toBe("42 true");
  expect(readdirSync(env.NODE_COMPILE_CACHE)).toHaveLength(1);
});

test("the stored code of another content of the file is not used", () => {
  const folder = newFolder();
  const env = { NODE_COMPILE_CACHE: join(folder, "cache") };
  load(libraryIn(folder), env);
  expect(load(libraryIn(folder, "exports.twice = (x) => -2 * x;"), env)).toBe("-42 false");
});

test("damaged code and a folder that cannot be written are left alone", () => {
  const folder = newFolder();
  const file = libraryIn(folder);
  const cache = join(folder, "cache");
  load(file, { NODE_COMPILE_CACHE: cache });
  for (const stored of readdirSync(cache)) writeFileSync(join(cache, stored), "damaged");
  expect(load(file, { NODE_COMPILE_CACHE: cache })).toBe("42 false");
  expect(load(file, { NODE_COMPILE_CACHE: "/dev/null/cache" })).toBe("42 false");
});

test("NODE_DISABLE_COMPILE_CACHE=1 disables the cache", () => {
  const folder = newFolder();
  const cache = join(folder, "cache");
  expect(load(libraryIn(folder), { NODE_COMPILE_CACHE: cache, NODE_DISABLE_COMPILE_CACHE: "1" })).toBe(
    "42 undefined",
  );
  expect(existsSync(cache)).toBe(false);
});
