import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { runChild, setUp } from "../../../lib/cli/setup";
import { type Output, Progress, SetupError } from "../../../lib/cli/setup/progress";
import { findPython, readRequirements } from "../../../lib/cli/setup/requirements";
import { venvPython, venvStep } from "../../../lib/cli/setup/venv";
import { newFolder } from "../../new-folder";

let project: string;
let out: Output & { text: string };
beforeEach(() => {
  project = newFolder();
  out = { text: "", write: (text: string) => (out.text += text) };
});

/** Creates a folder for PATH that contains a script of this name. */
function onPath(name: string, script: string): string {
  const bin = join(project, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  return bin;
}
const INSTALL =
  "install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python; others: python.org), or " +
  "set GRADBOOK_PYTHON to its path, and start again.";

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError);
    expect((error as Error).message).not.toContain("\n");
    return (error as Error).message.replaceAll(project, "PROJECT");
  }
  throw new Error("nothing was refused");
}

test("keeps the last 400 lines of a program's output", async () => {
  const script = "for (let i = 1; i <= 1000; i++) console.log(i)";
  const { code, output } = await runChild(process.execPath, ["-e", script]);
  expect(code).toBe(0);
  expect(output.split("\n").map(Number)).toEqual(Array.from({ length: 400 }, (_, i) => 601 + i));
});

test("reports a missing Python", async () => {
  const env = { PATH: join(project, "empty") };
  expect(await refusal(() => findPython(env))).toBe(
    `no Python was found (looked for python3, python on the PATH); gradbook needs 3.10 or newer: ${INSTALL}`,
  );
});

test("reports a Python that is too old", async () => {
  const env = { PATH: onPath("python3", 'echo "3.8.18 True"') };
  expect(await refusal(() => findPython(env))).toBe(
    `python3 is Python 3.8.18, and gradbook needs 3.10 or newer: ${INSTALL}`,
  );
});

test("reports a Python without venv, as on Debian", async () => {
  const env = { PATH: onPath("python3", 'echo "3.11.2 False"') };
  expect(await refusal(() => findPython(env))).toMatch(
    /^python3 \(Python 3.11.2\) cannot make virtual environments.*python3.11-venv/,
  );
});

test("reports a GRADBOOK_PYTHON that is not a Python", async () => {
  expect(await refusal(() => findPython({ ...process.env, GRADBOOK_PYTHON: "/nowhere/python" }))).toBe(
    "GRADBOOK_PYTHON=/nowhere/python does not run as a Python: set it to the path of Python 3.10 or newer, or unset it.",
  );
});

test("reports too little disk space before it writes anything", async () => {
  const step = venvStep(project, process.env, 1e9);
  expect(await refusal(() => setUp([step], new Progress(out)))).toBe(
    "too little disk space: PROJECT has 1.0 GB free and set-up needs 2.2 GB: free some, or move the project to a larger disk, and start again.",
  );
  expect(existsSync(join(project, ".venv"))).toBe(false);
  expect(out.text).toMatch(/^- Python packages in .venv ...\n✗ Python packages in .venv/);
});

test("reports an unreachable package index, and starts over the next time", async () => {
  const env = {
    ...process.env,
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    PIP_RETRIES: "0",
    PIP_FIND_LINKS: "",
    PIP_CACHE_DIR: join(project, "cache"),
    PIP_CONFIG_FILE: "/dev/null",
  };
  const step = venvStep(project, env);
  const message = await refusal(() => setUp([step], new Progress(out)));
  expect(message).toBe(
    "pip cannot reach its package index (http://127.0.0.1:9/simple): check the network; behind a proxy set HTTPS_PROXY, for a mirror run pip config set global.index-url <address>; then start again.",
  );
  // pip itself was missing from the cache, so nothing was installed; the half-made folder does not count as done.
  expect(existsSync(venvPython(project))).toBe(true);
  expect(step.isDone()).toBe(false);
});

test("detects an interrupted installation and keeps a finished one", () => {
  const tensorflow = join(process.cwd(), ".venv");
  const step = venvStep(project);
  // The packages are there already: the project's own environment stands in for a finished installation.
  mkdirSync(join(project, ".venv"));
  for (const part of ["bin", "lib"]) symlinkSync(join(tensorflow, part), join(project, ".venv", part));
  const stamp = join(project, ".venv", "gradbook.json");
  writeFileSync(stamp, JSON.stringify({ installing: 1 }));
  expect(step.isDone()).toBe(false);
  writeFileSync(stamp, JSON.stringify({ installed: readRequirements().hash }));
  expect(step.isDone()).toBe(true);
  writeFileSync(stamp, JSON.stringify({ installed: "of other requirements" }));
  expect(step.isDone()).toBe(false);
});

test("leaves another program's .venv unchanged", async () => {
  mkdirSync(join(project, ".venv"));
  writeFileSync(join(project, ".venv", "mine.txt"), "mine");
  expect(await refusal(() => venvStep(project).run(new Progress(out)))).toBe(
    "PROJECT/.venv was not made by gradbook, and gradbook needs that name: move it away (mv .venv .venv-mine), and start again.",
  );
  expect(readFileSync(join(project, ".venv", "mine.txt"), "utf8")).toBe("mine");
});

test("pins every requirement and installs TensorFlow without its dependencies", () => {
  const { pip, tensorflow, others } = readRequirements("tensorflow-cpu");
  expect(tensorflow).toEqual(["tensorflow-cpu==2.21.0"]);
  expect(readRequirements("tensorflow").tensorflow).toEqual(["tensorflow==2.21.0"]);
  expect(readRequirements("tensorflow[and-cuda]").tensorflow).toContain("tensorflow==2.21.0");
  for (const line of [pip, ...others]) expect(line).toMatch(/^[\w.[\]-]+==[\w.]+( ;.*)?$/);
  const names = others.map((line) => line.split("==")[0]);
  expect(names).toEqual(
    expect.arrayContaining(["jupyterlab", "papermill", "nbclient", "nbconvert", "plotly"]),
  );
  expect(names.filter((name) => /^(keras|numpy|grpcio)$/.test(name!))).toEqual([]);
});

test("prints plain progress lines in a log and one updating line in a terminal", () => {
  const log = new Progress(out);
  log.begin("work");
  log.now("half");
  log.note("large file");
  log.done();
  expect(out.text).toMatch(/^- work \.\.\.\n {2}large file \(0\.\d s\)\n✓ work \(0\.\d s\)\n$/);
  const terminal: Output & { text: string } = {
    isTTY: true,
    columns: 40,
    text: "",
    write: (text) => (terminal.text += text),
  };
  const live = new Progress(terminal);
  live.begin("work");
  live.done();
  const [shown, kept] = terminal.text.split("\r\x1b[2K").slice(-2);
  expect([shown, kept]).toEqual([
    expect.stringMatching(/^⠙ work \(0\.\d s\)$/),
    expect.stringMatching(/^✓ work \(0\.\d s\)\n$/),
  ]);
});

test("puts a detail with a reserved position first and shows it whole at 80 columns", () => {
  const drawn: string[] = [];
  const live = new Progress({ isTTY: true, columns: 80, write: (text) => drawn.push(text) });
  const numbers = "epoch 6/10  loss 0.4217  val_bps_overall 0.8069  54 s left  ███████░░░░░ 58%";
  vi.useFakeTimers();
  try {
    live.begin("notebooks/01-quickstart.ipynb");
    live.now(numbers, "cell 5 of 11");
    vi.advanceTimersByTime(100);
    live.now("loss 0.4217", "cell 5 of 11");
    vi.advanceTimersByTime(100);
    live.done();
  } finally {
    vi.useRealTimers();
  }
  expect(drawn.slice(1, 3)).toEqual([
    `\r\x1b[2K⠹ ${numbers}`,
    "\r\x1b[2K⠸ loss 0.4217  cell 5 of 11  notebooks/01-quickstart.ipynb (0.2 s)",
  ]);
});

test("prints a status line in a log after a long silence", () => {
  vi.useFakeTimers();
  try {
    const log = new Progress(out);
    log.begin("work");
    vi.advanceTimersByTime(10_000);
    log.now("half");
    vi.advanceTimersByTime(10_000);
    log.now("three quarters");
    log.now("nearly all");
    expect(out.text).toBe("- work ...\n  three quarters (20 s)\n");
  } finally {
    vi.useRealTimers();
  }
});
