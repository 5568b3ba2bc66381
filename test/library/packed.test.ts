import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as ts from "typescript";
import { beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";

interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

const root = resolve(".");
const project = newFolder();
let packed: Packed;

/**
 * Creates a user's project with the installed tarball and, of the packages that are installed here, only its
 * dependencies.
 */
beforeAll(() => {
  const options = { encoding: "utf8", cwd: root } as const;
  const told = execFileSync("npm", ["pack", "--json", "--pack-destination", project], options);
  [packed] = JSON.parse(told.slice(told.indexOf("["))) as [Packed];
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "gradbook"), { recursive: true });
  execFileSync("tar", [
    "-xzf",
    join(project, packed.filename),
    "-C",
    join(modules, "gradbook"),
    "--strip-components=1",
  ]);
  for (const path of installedWithIt()) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    symlinkSync(join(root, path), join(project, path));
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "theirs", private: true }));
}, 120_000);

/** Returns the packages that npm installs beside a package: those of the lock file without development dependencies. */
function installedWithIt(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(
      ([path, entry]) =>
        /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !entry.dev && !entry.optional && !entry.devOptional,
    )
    .map(([path]) => path);
}

const PROGRAM = `
const b = compile((x) => tf.sum(tf.square(x)));
b(tf.tensor1d([3, 4])).then((sum) => console.log(typeof Trainer, sum.dataSync()[0]));
`;
const NAMES = "compile, tf, Trainer";

/** TensorFlow is found in this project's .venv; a user's project would have its own after `npx gradbook setup`. */
function run(file: string, text: string, args: readonly string[] = []) {
  writeFileSync(join(project, file), text);
  const env = { ...process.env, GRADBOOK_TENSORFLOW: tensorflow() };
  return spawnSync(process.execPath, [...args, file], { cwd: project, env, encoding: "utf8" });
}

function tensorflow(): string {
  const lib = join(root, ".venv", "lib");
  const [python] = readdirSync(lib).filter((name) => name.startsWith("python"));
  return join(lib, python!, "site-packages", "tensorflow");
}

test("the package contains what users need, and no development files", () => {
  const paths = packed.files.map(({ path }) => path);
  for (const needed of [
    "dist/lib/index.js",
    "dist/lib/index.d.ts",
    "dist/lib/cli/main.js",
    "kernel/run_notebook.py",
    "kernel/papermill/pyproject.toml",
    "kernel/papermill/gradbook_papermill/translator.py",
    "notebooks/01-quickstart.ipynb",
    "configs/models/quickstart.yaml",
    "requirements.txt",
    "docs/train.md",
    "examples/train.ts",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "dist/web/index.html",
    "dist/web/page.js",
    "lib/export/torch/modules/readouts.py",
    "vendor/ts-blank-space/index.js",
    "vendor/tfjs/backend.js",
    "vendor/tfjs/registrations.js",
    "vendor/tfjs/LICENSE",
  ])
    expect(paths).toContain(needed);
  const odd = paths.filter((path) =>
    /^(lib\/(?!export\/torch\/modules\/\w+\.py$)|test\/|web\/|bench\/|sessions\/|runs\/)|__pycache__|tsbuildinfo|\.h5$/.test(
      path,
    ),
  );
  expect(odd).toEqual([]);
  expect(packed.size).toBeLessThan(4e6);
  expect(packed.unpackedSize).toBeLessThan(14e6);
});

test("loads as CommonJS, and as ES modules with named imports", () => {
  expect(run("a.cjs", `const { ${NAMES} } = require("gradbook");${PROGRAM}`)).toMatchObject({
    stdout: "function 25\n",
  });
  expect(run("a.mjs", `import { ${NAMES} } from "gradbook";${PROGRAM}`)).toMatchObject({
    stdout: "function 25\n",
  });
});

test("each room has its own path, with the same values as the main entry", () => {
  const rooms = readdirSync("lib").filter((room) => existsSync(join("lib", room, "index.ts")));
  const program = `
const main = require("gradbook");
for (const room of ${JSON.stringify(rooms)}) {
  const names = Object.entries(require("gradbook/" + room)).filter(([name, value]) => name in main && main[name] !== value);
  if (names.length > 0) console.log(room, names.map(([name]) => name).join(" "));
}
import("gradbook/engine").then(({ compile }) => console.log(compile === main.compile, ${rooms.length}));
`;
  expect(run("rooms.cjs", program)).toMatchObject({ stdout: `true ${rooms.length}\n`, stderr: "" });
  expect(rooms.length).toBeGreaterThan(10);
});

test("installs no package with known vulnerabilities, and no package that only tfjs-layers needs", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const installed = installedWithIt().map((path) => path.replace("node_modules/", ""));
  expect(Object.keys(dependencies).filter((name) => !installed.includes(name))).toEqual([]);
  for (const absent of [
    "@tensorflow/tfjs",
    "@tensorflow/tfjs-node-gpu",
    "@mapbox/node-pre-gyp",
    "tar",
    "rimraf",
  ])
    expect(installed).not.toContain(absent);
  expect(installed.length).toBeLessThan(220);
});

const USE_OF_TYPES = `import { Trainer, type TrainerOptions, loadExperiment, tf } from "gradbook";
const options: TrainerOptions = { maxEpochs: 3, optimizer: { lr: 1e-3 } };
export const run = async () => new Trainer(options).fit(await loadExperiment({ model: "a", sessions: "b" }));
export const three: tf.Tensor = tf.tensor([1]).add(2);
import { makeSchedule, type Schedule } from "gradbook/trainer";
import { conv3d } from "gradbook/engine";
import type { Panel } from "gradbook/plots";
export const schedule: Schedule = makeSchedule({ type: "one_cycle" });
export const convolve: typeof conv3d = conv3d;
export const panel: Panel = { title: "a", x: { label: "b" }, y: { label: "c" }, marks: [] };
`;

/** Returns the compiler's errors in files of the project, including those in declarations of other packages. */
function complaints(files: string[], compiler: string, options: object): string[] {
  const strict = { strict: true, noEmit: true, target: "es2022" };
  const config = { compilerOptions: { ...strict, ...options }, files };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [join(root, "node_modules", compiler), "-p", "."], {
    cwd: project,
    encoding: "utf8",
  });
  return stdout.split("\n").filter((line) => /^\S.*error TS/.test(line));
}

const TYPESCRIPT = "typescript/bin/tsc";
const TSLABS = "@tslab/typescript-for-tslab/lib/tsc.js";
/** tfjs-core 4.22 brings declarations of WebGPU that contradict those of TypeScript 6, in every project that has both. */
const notOfWebGpu = (line: string) => !/@webgpu\/types|typescript\/lib\/lib\.dom\.d\.ts/.test(line);

test.each([
  ["nodenext", TYPESCRIPT, { module: "nodenext", types: [], skipLibCheck: false }],
  ["bundler", TYPESCRIPT, { module: "esnext", moduleResolution: "bundler", types: [], skipLibCheck: false }],
  ["stock tslab's", TSLABS, { module: "commonjs", moduleResolution: "node", skipLibCheck: true }],
])(
  "types are complete, and reject errors, under %s module resolution",
  (_, compiler, options) => {
    writeFileSync(join(project, "good.ts"), USE_OF_TYPES);
    writeFileSync(join(project, "bad.ts"), USE_OF_TYPES.replace("maxEpochs: 3", "maxEpoch: 3"));
    // There is one error, in the wrong file.
    expect(complaints(["good.ts", "bad.ts"], compiler, options).filter(notOfWebGpu)).toEqual([
      expect.stringMatching(/^bad\.ts\(2,.*\bTrainerOptions\b/),
    ]);
  },
  300_000,
);

test("the release builds what it publishes, although .npmrc denies scripts", () => {
  const texts = [".github/workflows/release.yml", "RELEASING.md"].map((file) => readFileSync(file, "utf8"));
  const commands = texts.flatMap((text) => text.match(/npm (?:pack|publish)\b[^\n`]*/g) ?? []);
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) expect(command).toContain("--ignore-scripts=false");
});

test("the declarations keep the docs of options, which come from the schemas, for editors", () => {
  const names = {
    TrainerOptions: "maxTime",
    MultiDatasetOptions: "dropLast",
    MuonSettings: "nesterov",
    FreezeOptions: "until",
  };
  const main = join(project, "node_modules", "gradbook", "dist", "lib");
  const rooms = ["index.d.ts", "trainer/index.d.ts"].map((file) => join(main, file));
  const program = ts.createProgram(rooms, { module: ts.ModuleKind.NodeNext, types: [], skipLibCheck: true });
  const checker = program.getTypeChecker();
  const exported = rooms.flatMap((file) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!),
  );
  for (const [name, key] of Object.entries(names)) {
    const symbol = checker.getAliasedSymbol(exported.find((one) => one.name === name)!);
    const option = checker.getDeclaredTypeOfSymbol(symbol).getProperty(key)!;
    const text = ts.displayPartsToString(option.getDocumentationComment(checker));
    expect(text).toMatch(/\bDefault\b/);
  }
});

test("source maps contain their sources", () => {
  const map = readFileSync(join(project, "node_modules/gradbook/dist/lib/trainer/trainer.js.map"), "utf8");
  const { sources, sourcesContent } = JSON.parse(map) as { sources: string[]; sourcesContent?: string[] };
  expect(sources.map((name) => name.split("/").at(-1))).toEqual(["trainer.ts"]);
  expect(sourcesContent).toEqual([readFileSync("lib/trainer/trainer.ts", "utf8")]);
});

test("exports the library, its rooms, its schemas and its package.json, and no inner files", () => {
  const resolved = (name: string) =>
    run(
      "resolve.cjs",
      `try { require.resolve("${name}"); console.log("yes") } catch ({ code }) { console.log(code) }`,
    ).stdout;
  expect(resolved("gradbook/package.json")).toBe("yes\n");
  expect(resolved("gradbook/plots")).toBe("yes\n");
  for (const inner of ["gradbook/dist/lib/index.js", "gradbook/cli", "gradbook/trainer/optim"])
    expect(resolved(inner)).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
});

test("cells are type-checked with the types of Node and of the library alone", () => {
  const cell =
    'import { readFileSync } from "node:fs"; import { Trainer } from "gradbook"; import { type Run } from "gradbook/trainer";\n';
  const lines = [
    'const { Session } = require("./node_modules/gradbook/dist/kernel/language/session.js");',
    "const session = new Session(__dirname);",
    "for (const rest of process.argv.slice(2)) {",
    `  const { result } = session.compile({ code: ${JSON.stringify(cell)} + rest, number: 1, file: "cell" });`,
    '  console.log((result.diagnostics ?? [{ message: "fine" }]).map(({ message }) => message).join(" "));',
    "}",
  ];
  writeFileSync(join(project, "check.cjs"), lines.join("\n"));
  const cells = [
    'const size: number = readFileSync("a").length; setTimeout(() => {}, 1); new Trainer({}); const run = (r: Run) => r.folder;',
    'const text: string = readFileSync("a");',
  ];
  const { stdout, stderr } = spawnSync(process.execPath, ["check.cjs", ...cells], {
    cwd: project,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^fine\nType '\S*Buffer\S*' is not assignable to type 'string'\.\n$/);
});

test("installs the command", () => {
  const main = join("node_modules", "gradbook", "dist", "lib", "cli", "main.js");
  const { stdout, status } = spawnSync(process.execPath, [main, "--help"], {
    cwd: project,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stdout).toContain("train-all");
});

test.each([
  ["train.ts", /completed after 1 epochs.*: \d+ predicted rates of luke_2031-03-01\n$/],
  [
    "best-possible.ts",
    /completed after 1 epochs.*: [\d.]+ % of the best possible bits per spike\nreadout positions, median error [\d.]+ pixels\n$/,
  ],
])(
  "examples/%s trains as a script that imports gradbook",
  (name, said) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", resolve("examples", name)],
      { cwd: root, env: { ...process.env, MAX_EPOCHS: "1", STEPS_PER_EPOCH: "5" }, encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(said);
  },
  120_000,
);
