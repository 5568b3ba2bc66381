import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { buildStep } from "../../lib/cli/setup/build";
import { Progress } from "../../lib/cli/setup/progress";

/** A user's project: its own tfjs code beside `import "gradbook"`, in plain Node. */

let projects: string[] = [];
afterEach(() => {
  for (const project of projects) rmSync(project, { recursive: true });
  projects = [];
});
// Projects load dist/, which `npm test` builds; for a single test file it may be older than the sources.
beforeAll(async () => {
  const build = buildStep();
  if (!build.isDone()) await build.run(new Progress());
}, 120_000);

const TFJS = ["tfjs", "tfjs-backend-cpu", "tfjs-backend-webgl", "tfjs-converter", "tfjs-core", "tfjs-data", "tfjs-layers"]; // biome-ignore format: one list
const OTHERS = ["argparse", "chalk", "core-js", "long", "node-fetch", "regenerator-runtime", "seedrandom", "whatwg-url", "yargs"]; // biome-ignore format: one list

/** Creates `node_modules` with gradbook and tfjs, sharing one copy of each with this repository. */
function project(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gradbook-user-")));
  projects.push(folder);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@tensorflow"), { recursive: true });
  symlinkSync(process.cwd(), join(modules, "gradbook"));
  for (const name of [...TFJS.map((name) => `@tensorflow/${name}`), ...OTHERS])
    symlinkSync(resolve("node_modules", name), join(modules, name));
  return folder;
}

/** Gives the project a copy of one of tfjs's packages that calls itself another version. @returns its folder */
function secondCopy(project: string, name: string): string {
  const folder = join(project, "node_modules", name);
  rmSync(folder);
  const original = resolve("node_modules", name);
  const manifest = JSON.parse(readFileSync(join(original, "package.json"), "utf8")) as { main: string };
  mkdirSync(join(folder, dirname(manifest.main)), { recursive: true });
  copyFileSync(join(original, manifest.main), join(folder, manifest.main));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, version: "4.21.0" }));
  return folder;
}

function run(folder: string, file: "main.mjs" | "main.cjs", code: string) {
  writeFileSync(join(folder, file), code);
  return spawnSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
}

const USE = `
  const double = gradbook.compile((x) => tf.mul(x, 2));
  double(tf.scalar(21)).then(async (result) => {
    const same = tf.Tensor === gradbook.tf.Tensor;
    console.log(tf.getBackend(), same, (await result.data())[0], tf.add(1, 2).dataSync()[0]);
  });`;

const IMPORTS: Record<string, ["main.mjs" | "main.cjs", string]> = {
  "ESM, tfjs first": ["main.mjs", `import * as tf from "@tensorflow/tfjs"; import * as gradbook from "gradbook";`],
  "ESM, gradbook first": ["main.mjs", `import * as gradbook from "gradbook"; import * as tf from "@tensorflow/tfjs";`],
  "ESM, tfjs-core alone": ["main.mjs", `import * as tf from "@tensorflow/tfjs-core"; import * as gradbook from "gradbook";`],
  "CommonJS, tfjs first": ["main.cjs", `const tf = require("@tensorflow/tfjs"); const gradbook = require("gradbook");`],
  "CommonJS, gradbook first": ["main.cjs", `const gradbook = require("gradbook"); const tf = require("@tensorflow/tfjs");`],
}; // biome-ignore format: a table

test.each(Object.entries(IMPORTS))("%s: runs the user's tfjs on TensorFlow", (_name, [file, imports]) => {
  expect(run(project(), file, imports + USE)).toMatchObject({
    status: 0,
    stdout: "tensorflow true 42 3\n",
    stderr: "",
  });
});

test("moves tensors that tfjs made on its CPU before gradbook was imported to TensorFlow", () => {
  const done = run(
    project(),
    "main.cjs",
    `const tf = require("@tensorflow/tfjs");
     const x = tf.square(tf.tensor1d([1, 2, 3]));
     console.log(tf.getBackend());
     require("gradbook");
     console.log(tf.getBackend(), tf.sum(x).dataSync()[0]);`,
  );
  expect(done).toMatchObject({ status: 0, stdout: "cpu\ntensorflow 14\n" });
});

const VERSION = (
  JSON.parse(readFileSync("node_modules/@tensorflow/tfjs-core/package.json", "utf8")) as { version: string }
).version;

function message(name: string, copy: string): string {
  return (
    `There are two copies of ${name}: ${VERSION} in ${resolve("node_modules", name)}, which gradbook uses, and 4.21.0 in ${copy}. ` +
    `Code on the second one may get wrong gradients and miss TensorFlow's kernels. Use ${VERSION} in your project too (\`npm install ` +
    `@tensorflow/tfjs-core@${VERSION} @tensorflow/tfjs@${VERSION}\`, then \`npm dedupe\`); if another package asks for the other, put ` +
    `"overrides": {"${name}": "${VERSION}"} into package.json. Or import { tf } from "gradbook".`
  );
}

test.each(["@tensorflow/tfjs-core", "@tensorflow/tfjs"])(
  "importing gradbook reports a second copy of %s",
  (name) => {
    const folder = project();
    const copy = secondCopy(folder, name);
    const { status, stdout, stderr } = run(folder, "main.mjs", `import "gradbook"; console.log("imported")`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "imported\n" });
    expect(stderr).toContain(`[GRADBOOK_TWO_TFJS] Warning: ${message(name, copy)}\n`);
  },
);

test.each(["@tensorflow/tfjs-core", "@tensorflow/tfjs"])("compile reports a second copy of %s", (name) => {
  const folder = project();
  const copy = secondCopy(folder, name);
  const code = `import * as gradbook from "gradbook"; import "${name}";
    try { gradbook.compile((x) => x) } catch (error) { console.log(error.message) }`;
  expect(run(folder, "main.mjs", code).stdout).toContain(`${message(name, copy)}\n`);
});
