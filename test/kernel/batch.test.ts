import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { jupyterEnvironment, venvPython } from "../../lib/cli/setup";
import { newFolder } from "../new-folder";
import { notebook } from "../papermill/notebook";

const PROJECT = resolve(".");
const RUN_NOTEBOOK = resolve("kernel/run_notebook.py");
const LATE_LINE = 'setTimeout(() => console.log("late line"), 300); 1';
const LATE_FAILURE = 'setTimeout(() => { throw new RangeError("late failure"); }, 300); 1';
const PAUSE = "await new Promise((resolve) => setTimeout(resolve, 900)); 2";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

interface Output {
  output_type: string;
  text?: string | string[];
  ename?: string;
  traceback?: string[];
}

/** Runs a notebook with Python. @returns the exit code, the events, stderr, and the outputs of each cell */
function run(program: readonly string[], cells: readonly string[], env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(dir, "in.ipynb"), notebook(undefined, cells));
  const { status, stdout, stderr } = spawnSync(
    venvPython(PROJECT),
    [...program, join(dir, "in.ipynb"), join(dir, "out.ipynb")],
    { cwd: dir, env: { ...jupyterEnvironment(PROJECT), ...env }, encoding: "utf8" },
  );
  const events = stdout.split("\n").filter((line) => line.startsWith("{"));
  const saved = JSON.parse(readFileSync(join(dir, "out.ipynb"), "utf8")) as {
    cells: { cell_type: string; outputs: Output[]; metadata: { papermill?: { status: string } } }[];
  };
  // papermill adds cells of text with links to an error.
  const ours = saved.cells.filter(({ cell_type }) => cell_type === "code");
  return { status, stderr, error: events.map((line) => JSON.parse(line).error).find(Boolean), cells: ours };
}

const text = (outputs: readonly Output[]) => outputs.flatMap((one) => one.text ?? []).join("");

const CLIENTS: [name: string, program: string[]][] = [
  ["nbclient", [RUN_NOTEBOOK]],
  ["our papermill engine", ["-m", "papermill", "--engine", "gradbook", "--no-progress-bar"]],
  ["stock papermill", ["-m", "papermill", "--no-progress-bar"]],
];

test.each(CLIENTS)(
  "%s keeps what work in the background prints, and fails when it fails",
  (_, program) => {
    const { status, cells } = run(program, [LATE_LINE, PAUSE, LATE_FAILURE, PAUSE, '"not run"']);
    expect(text(cells.slice(0, 2).flatMap(({ outputs }) => outputs))).toBe("late line\n");
    expect(status).toBe(1);
    const error = cells[3]!.outputs.find(({ output_type }) => output_type === "error")!;
    expect(error.ename).toBe("RangeError");
    expect(error.traceback!.join("\n")).toMatch(
      /^Work that cell 3 did not await has failed:\ncell 3:1\n1 \| .*\n.*\^\n\nRangeError: late failure\n/,
    );
    expect(cells[4]!.outputs).toEqual([]);
  },
  60_000,
);

/** A training, as far as the kernel sees it: it listens to SIGINT until it ends. */
const training = (end: string) => `void (async () => {
  const stop = () => {};
  process.on("SIGINT", stop);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  process.off("SIGINT", stop);
  ${end}
})();`;

test("a batch waits for a training that its last cell does not await", () => {
  const { status, cells } = run([RUN_NOTEBOOK], [training('console.log("trained");')]);
  expect(status).toBe(0);
  expect(text(cells[0]!.outputs)).toBe(
    "Waiting for a training that no cell awaits: `await trainer.fit(...)`.\ntrained\n",
  );
}, 60_000);

test("a batch fails when a training that its last cell does not await fails", () => {
  const { status, error } = run([RUN_NOTEBOOK], [training('throw new Error("diverged");')]);
  expect(status).toBe(1);
  expect(error).toMatchObject({ cell: 1 });
  expect(error.text).toMatch(/^Work that cell 1 did not await has failed:\n[\s\S]*Error: diverged\n/);
}, 60_000);

test.each([
  ["nbclient", [RUN_NOTEBOOK]],
  ["gradbook run", ["with.py"]],
])(
  "%s tells how the kernel died, with the last words of V8",
  (name, program) => {
    // The arguments that `gradbook run` gives.
    const argv = 'sys.argv = ["", "run", *sys.argv[1:], "{}"]';
    writeFileSync(
      join(dir, "with.py"),
      `import runpy, sys\n${argv}\nrunpy.run_module("gradbook_papermill", run_name="__main__")\n`,
    );
    const grow = "const all: unknown[] = []; for (;;) all.push(Array.from({ length: 1000 }, () => ({})));";
    const { status, error, cells } = run(program, ["1", grow, '"not run"'], {
      NODE_OPTIONS: "--max-old-space-size=150",
    });
    expect(status).toBe(1);
    expect(error.text).toMatch(
      /^The kernel's process has ended by signal SIGABRT\.\n[\s\S]*heap out of memory/,
    );
    expect(error).toMatchObject({ cell: 2, source: grow });
    if (name === "gradbook run")
      expect(cells.map(({ metadata }) => metadata.papermill?.status)).toEqual([
        "completed",
        "failed",
        "pending",
      ]);
  },
  90_000,
);
