import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { makeFolder, makeFolderOf } from "../../../lib/base/files/folder";
import { gradbookIn } from "../../cli/gradbook";
import { newFolder } from "../../new-folder";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

test("creates a folder with its parents, and accepts an existing one", () => {
  const path = join(dir, "a", "b");
  makeFolder(path);
  makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test.runIf(process.platform === "linux")(
  "reports a place such as /proc where no folder can be created",
  () => {
    expect(() => makeFolder("/proc/mine/run")).toThrow(
      "/proc/mine/run: cannot be made or written (ENOENT: no such file or directory, mkdir '/proc/mine'); give a folder that you may write",
    );
  },
);

const SESSIONS = resolve("configs/sessions/demo.yaml");
const MODEL = resolve("configs/models/quickstart.yaml");
const SESSION = resolve("sessions/demo/luke_2031-03-01.h5");
const SHORT = ["--max_datasets", "1", "--max_epochs", "1", "--steps_per_epoch", "1"];
const TRAINING = ["--dataset_configs_path", SESSIONS, ...SHORT, "--checkpoint_dir"];

/** The commands, each with an output path below a file. */
const COMMANDS: Record<string, readonly string[]> = {
  train: ["--model_config", MODEL, "--experiment_name", "run", ...TRAINING, "file"],
  "train-all": [MODEL, ...TRAINING, "file"],
  simulate: ["--sessions", "1", "--frames", "1000", "--out", "file/mine"],
  convert: ["missing.npz", "--sampling_rate", "60", "--out", "file/mine"],
  inspect: [SESSION, "--picture", "file/mine.svg"],
  "import-torch": ["weights.safetensors", "--config", MODEL, "--out", "file/core.safetensors"],
  run: [resolve("notebooks/05-batch-runs.ipynb"), "--out", "file/runs"],
  install: ["--prefix", "file"],
};

test.each(Object.entries(COMMANDS))(
  "%s reports that its output cannot be created at the given path",
  (command, args) => {
    writeFileSync(join(dir, "file"), "");
    const { status, stderr } = gradbookIn(dir, command, ...args);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(
        /^\S*file\S*: cannot be made or written \(EEXIST: file already exists, mkdir '\S+\/file'\); give a folder that you may write\n$/,
      ),
    });
  },
);

test("rejects an empty file name", () => {
  expect(() => makeFolderOf("")).toThrow("a file's name: is empty; give one");
});
