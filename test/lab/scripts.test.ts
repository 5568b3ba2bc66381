import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { scanCheckpoints } from "../../lib/trainer/checkpoint/scan";
import { labCheckpoint, labFile, visionModel } from "./lab";
import { labProject, runProgram } from "./project";

const MODEL = visionModel ?? "none";
const CHECKPOINT = labCheckpoint(MODEL);
let folder: string;

/** The paths that stand for the words in capitals of the reference's command lines. */
const pathsIn = (folder: string): Record<string, string> => ({
  MODEL: join(folder, "configs", `${MODEL}.yaml`),
  SESSIONS: join(folder, "configs", "sessions.yaml"),
  DIR: join(folder, "runs"),
  CKPT: CHECKPOINT,
});

/** The programs of the package by their names in the command lines. */
const PROGRAMS: Record<string, string> = {
  train: "train-ddp-multidataset",
  train_multidataset: "train-multidataset",
  train_frozencore_newreadouts: "train-frozencore-newreadouts",
};

const lines = readFileSync(labFile("expected", "cli_lines.txt"), "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "" && !line.startsWith("#"))
  .map((line, i) => [`${i + 1}: ${line.slice(0, 40)}`, line.trim().split(/\s+/)] as const);

beforeAll(async () => {
  folder = await labProject();
  // A folder of experiments, as `train-frozencore` searches it.
  const experiment = join(folder, "runs", "learned_resnet_none_convgru_gaussian_ddp_bs256");
  mkdirSync(experiment, { recursive: true });
  copyFileSync(CHECKPOINT, join(experiment, "epoch=03-val_bps_overall=0.1200.ckpt"));
}, 600_000);

test.runIf(existsSync(CHECKPOINT)).each(lines)(
  "runs the flags of a shell script with two batches, line %s",
  (name, [program, ...words]) => {
    const paths = pathsIn(folder);
    const flags = words.map((word) => paths[word] ?? (word === "NAME" ? `run-${name.split(":")[0]}` : word));
    const resumes = words.includes("--ckpt_path");
    // A checkpoint's epochs count, and its sessions are those of the run.
    const short = [
      "--max_epochs",
      resumes ? "3" : "1",
      "--steps_per_epoch",
      "2",
      "--accumulate_grad_batches",
      "2",
      "--batch_size",
      "6",
      "--limit_val_batches",
      "2",
      "--num_gpus",
      "1",
      ...(resumes ? [] : ["--max_datasets", "1"]),
    ];
    const { status, stderr } = runProgram(folder, PROGRAMS[program!]!, [...flags, ...short]);
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("completed after"),
    });
  },
  120_000,
);

test("a template of names also writes checkpoints as the package has them", () => {
  const { MODEL: model, SESSIONS: sessions } = pathsIn(folder) as { MODEL: string; SESSIONS: string };
  const runs = join(folder, "named");
  const { status, stderr } = runProgram(folder, PROGRAMS.train!, [
    "--model_config",
    model,
    "--dataset_configs_path",
    sessions,
    "--checkpoint_dir",
    runs,
    "--experiment_name",
    "mine",
    "--checkpoint_filename",
    "{epoch:02d}-{val_bps_overall:.4f}",
    "--max_epochs",
    "1",
    "--steps_per_epoch",
    "2",
    "--batch_size",
    "6",
    "--max_datasets",
    "1",
  ]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const copies = readdirSync(join(runs, "mine")).filter((name) => name.endsWith(".ckpt"));
  expect(copies).toEqual([expect.stringMatching(/^epoch=00-val_bps_overall=-?\d+\.\d{4}\.ckpt$/)]);
  expect(scanCheckpoints(runs).map(({ epoch, experiment }) => ({ epoch, experiment }))).toContainEqual({
    epoch: 0,
    experiment: "mine",
  });
}, 120_000);
