import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
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

/** A project of somebody's that has installed the packed tarball; of what is installed here it has what the package depends on. */
beforeAll(() => {
  const options = { encoding: "utf8", cwd: root } as const;
  const told = execFileSync("npm", ["pack", "--json", "--pack-destination", project], options);
  [packed] = JSON.parse(told.slice(told.indexOf("["))) as [Packed];
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "gradbook"), { recursive: true });
  execFileSync("tar", [
    ...["-xzf", join(project, packed.filename), "-C", join(modules, "gradbook")],
    "--strip-components=1",
  ]);
  for (const path of installedWithIt()) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    symlinkSync(join(root, path), join(project, path));
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "theirs", private: true }));
}, 120_000);

/** What npm puts beside a package: all of the lock file but what is for development only. */
function installedWithIt(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { dev, optional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !optional)
    .map(([path]) => path);
}

const PROGRAM = `
const b = compile((x) => tf.sum(tf.square(x)));
b(tf.tensor1d([3, 4])).then((sum) => console.log(typeof Trainer, sum.dataSync()[0]));
`;
const NAMES = "compile, tf, Trainer";

/** TensorFlow is found in this project's .venv; theirs would have one of its own after \`npx gradbook setup\`. */
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

test("what is packed: what users need, and none of what only development needs", () => {
  const paths = packed.files.map(({ path }) => path);
  for (const needed of [
    ...["dist/lib/index.js", "dist/lib/index.d.ts", "dist/lib/cli/main.js", "kernel/run_notebook.py"],
    ...["kernel/papermill/pyproject.toml", "kernel/papermill/gradbook_papermill/translator.py"],
    ...["notebooks/01-quickstart.ipynb", "configs/models/quickstart.yaml", "requirements.txt"],
    ...["docs/train.md", "examples/train.ts", "README.md", "LICENSE", "CHANGELOG.md"],
  ])
    expect(paths).toContain(needed);
  const odd = paths.filter((path) =>
    /^(lib|test|bench|sessions|runs)\/|__pycache__|tsbuildinfo|\.h5$/.test(path),
  );
  expect(odd).toEqual([]);
  expect(packed.size).toBeLessThan(2e6);
  expect(packed.unpackedSize).toBeLessThan(8e6);
});

test("CommonJS, and ES modules with named imports", () => {
  expect(run("a.cjs", `const { ${NAMES} } = require("gradbook");${PROGRAM}`)).toMatchObject({
    stdout: "function 25\n",
  });
  expect(run("a.mjs", `import { ${NAMES} } from "gradbook";${PROGRAM}`)).toMatchObject({
    stdout: "function 25\n",
  });
});

test("TypeScript: types are found, under both kinds of module resolution, and refuse what is wrong", () => {
  const good = `import { Trainer, type TrainerOptions, loadExperiment } from "gradbook";
const options: TrainerOptions = { maxEpochs: 3, optimizer: { lr: 1e-3 } };
export const run = async () => new Trainer(options).fit(await loadExperiment({ model: "a", sessions: "b" }));
`;
  writeFileSync(join(project, "good.ts"), good);
  writeFileSync(join(project, "bad.ts"), good.replace("maxEpochs: 3", "maxEpoch: 3"));
  const tsc = (file: string, module: string) =>
    spawnSync(
      process.execPath,
      [
        join(root, "node_modules", "typescript", "bin", "tsc"),
        ...["--strict", "--noEmit", "--target", "es2022", "--skipLibCheck", "--module", module],
        ...(module === "nodenext" ? [] : ["--moduleResolution", "bundler"]),
        ...["--types", "node", file],
      ],
      { cwd: project, encoding: "utf8" },
    );
  expect(tsc("good.ts", "nodenext").stdout).toBe("");
  expect(tsc("good.ts", "esnext").stdout).toBe("");
  expect(tsc("bad.ts", "nodenext").stdout).toContain("'maxEpoch' does not exist in type 'TrainerOptions'");
});

test("cells are checked with the types of Node and of the library, and nothing else is needed", () => {
  const cell = 'import { readFileSync } from "node:fs"; import { type Run, Trainer } from "gradbook";\n';
  const lines = [
    'const { Session } = require("gradbook/dist/kernel/language/session.js");',
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

test("the command is there", () => {
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
  "examples/%s trains, a script that imports gradbook",
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
