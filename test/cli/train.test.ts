import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Writable } from "node:stream";
import { beforeEach, expect, test } from "vitest";
import { EXIT, TrainProgress } from "../../lib/cli/train/command";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { gradbookIn, MAIN } from "./gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const MODEL = resolve("configs/models/quickstart.yaml");
const SESSIONS = resolve("configs/sessions/demo.yaml");
const SHORT = ["--max_datasets", "1", "--max_epochs", "2", "--steps_per_epoch", "5"];
const FILES = ["--model_config", MODEL, "--dataset_configs_path", SESSIONS];

const train = (...args: string[]) => gradbookIn(dir, "train", ...args);

test("trains from flags alone, with plain lines, a run folder, and exit code 0", () => {
  const { status, stdout, stderr } = train(...FILES, ...SHORT, "--experiment_name", "first");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(
      /^first: \d+ parameters, 2 epochs of 5 steps\nepoch 1\/2 {2}loss 0\.\d{4} {2}val_bps_overall -?\d\.\d{4} {2}val_loss 0\.\d{4} {2}\d+ s left {2}\d+ samples\/s\nepoch 2\/2 .*\ncompleted after 10 steps, .*\n$/,
    ),
  });
  expect(stdout).toMatch(/^completed after 2 epochs, .*; see checkpoints\/first\n$/);
  expect(existsSync(join(dir, "checkpoints", "first", "checkpoints", "last.safetensors"))).toBe(true);
});

test("trains the same weights with a device budget that is too small for any movie", () => {
  const weights = (...flags: string[]) => {
    const name = `budget${flags.length}`;
    const { status, stderr } = train(...FILES, ...SHORT, "--experiment_name", name, ...flags);
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining("epoch 2/2") });
    const last = join(dir, "checkpoints", name, "checkpoints", "last.safetensors");
    return [...readSafetensors(last).tensors].map(([key, { values }]) => [key, [...values]]);
  };
  expect(weights("--device_budget", "1kB")).toEqual(weights());
});

test("reads flags from a YAML file, which command-line flags override", () => {
  const file = join(dir, "run.yaml");
  const lines = [
    `model_config: ${MODEL}`,
    `dataset_configs_path: ${SESSIONS}`,
    "max_datasets: 1",
    "max_epochs: 50",
    "steps_per_epoch: 4",
    "experiment_name: second",
  ];
  writeFileSync(file, lines.join("\n"));
  const { status, stderr } = train("--config", file, "--max_epochs", "1");
  expect(status).toBe(0);
  expect(stderr).toContain("second: ");
  expect(stderr).toContain("1 epochs of 4 steps");
});

test("reports all errors at once with exit code 2 and writes nothing", () => {
  const wrong = train("--batch_size", "0", "--lr_scheduler", "cosin", "--gpu_ids", "a");
  expect(wrong).toMatchObject({ status: 2, stdout: "" });
  expect(wrong.stderr).toBe(`gradbook train:
  - batch_size: too small: expected number to be >0; found 0
  - lr_scheduler: "cosin" is not one of: none, step, plateau, cosine, cosine_warmup, cosine_warmup_restart, one_cycle (did you mean "cosine"?)
  - gpu_ids: must be numbers of GPUs, such as 0,1; found "a"
`);
  const file = join(dir, "run.yaml");
  writeFileSync(file, "batchsize: 3\n");
  expect(train("--config", file).stderr).toContain('unknown key "batchsize" is not one of: model_config, ');
  expect(train().stderr).toBe(`gradbook train:
  - model_config: missing: the model's YAML file
  - dataset_configs_path: missing: the sessions' YAML file or folder
`);
  expect(train("--model_config", "none.yaml", "--dataset_configs_path", SESSIONS)).toMatchObject({
    status: 2,
    stderr: "none.yaml: no such file; check the path\n",
  });
  expect(existsSync(join(dir, "checkpoints"))).toBe(false);
});

test("suggests the nearest flag for an unknown one, with exit code 2", () => {
  const { status, stderr } = train("--batch_sze", "3");
  expect(status).toBe(2);
  expect(stderr).toContain("Did you mean --batch_size?");
});

test("returns an exit code for each reason why a training ended", () => {
  expect(EXIT).toEqual({ completed: 0, early: 0, time: 0, diverged: 3, interrupted: 130 });
});

test("ends a diverging training with exit code 3 and reports the reason once", () => {
  const flags = ["--experiment_name", "wild", "--learning_rate", "1e30", "--steps_per_epoch", "20"];
  const { status, stdout, stderr } = train(...FILES, "--max_datasets", "1", "--max_epochs", "2", ...flags);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^diverged within its first epoch, \d+ s; see checkpoints\/wild\n$/);
  const [, ...said] = stderr.trim().split("\n");
  const what = /this is not finite: the loss of luke_2031-03-01, the gradient of \S+/.source;
  expect(said).toEqual([
    expect.stringMatching(new RegExp(`^a batch was skipped, because ${what} \\(1 so far\\)$`)),
    expect.stringMatching(
      new RegExp(
        `^diverged: 10 batches in a row could not be used, because ${what}; the last good checkpoint is kept$`,
      ),
    ),
    expect.stringMatching(/^diverged after \d+ steps, \d+ s$/),
  ]);
});

test("saves on Ctrl-C and ends with exit code 130", async () => {
  const args = [...FILES, "--max_datasets", "1", "--steps_per_epoch", "20", "--experiment_name", "stopped"];
  const child = spawn(process.execPath, [MAIN, "train", ...args], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stderr.on("data", (data) => {
    if (/epoch 1\//.test(String(data)) && !child.killed) child.kill("SIGINT");
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  const last = join(dir, "checkpoints", "stopped", "checkpoints", "last.safetensors");
  expect(readSafetensors(last).tensors.size).toBeGreaterThan(0);
});

test("reads sessions from a folder: every YAML file, or the file that lists them", () => {
  const session =
    "types: [backimage]\ncids: [1, 2, 3]\nkeys_lags: {stim: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}\n";
  const transform = "transforms: {stim: {source: stim, ops: [{pixelnorm: {}}]}}\n";
  writeFileSync(join(dir, "luke_2031-03-01.yaml"), session + transform);
  copyFileSync(resolve("sessions/demo/luke_2031-03-01.h5"), join(dir, "luke_2031-03-01.h5"));
  expect(train("--model_config", MODEL, "--dataset_configs_path", ".", ...SHORT).status).toBe(0);
  rmSync(join(dir, "luke_2031-03-01.yaml"));
  expect(train("--model_config", MODEL, "--dataset_configs_path", ".", ...SHORT)).toMatchObject({
    status: 2,
    stderr: ".: holds no YAML file of a session\n",
  });
});

test("loads a pretrained core and keeps it frozen", () => {
  expect(train(...FILES, ...SHORT, "--experiment_name", "core").status).toBe(0);
  const core = join(dir, "checkpoints", "core", "checkpoints", "last.safetensors");
  const flags = ["--experiment_name", "heads", "--pretrained_checkpoint", core, "--freeze_vision"];
  expect(train(...FILES, ...SHORT, ...flags).status).toBe(0);
  const heads = readSafetensors(join(dir, "checkpoints", "heads", "checkpoints", "last.safetensors"));
  const name = [...heads.tensors.keys()].find((key) => key.startsWith("frontend."))!;
  expect(heads.tensors.get(name)).toEqual(readSafetensors(core).tensors.get(name));
});

test("resumes a run with two processes, curriculum, accumulation, a budget and logging by flags", () => {
  const name = ["--experiment_name", "one"];
  const once = ["--max_datasets", "1", "--steps_per_epoch", "4", "--max_epochs"];
  expect(train(...FILES, ...name, ...once, "1").status).toBe(0);
  const again = train(...FILES, ...name, ...once, "2", "--ckpt_path", "last");
  expect(again.status).toBe(0);
  expect(again.stderr).not.toContain("epoch 1/2");
  expect(again.stderr).toContain("epoch 2/2");
  const all = train(
    ...FILES,
    ...once,
    "1",
    "--experiment_name",
    "all",
    "--enable_curriculum",
    "--accumulate_grad_batches",
    "2",
    "--limit_val_batches",
    "0.5",
    "--time_budget_minutes",
    "5",
    "--enable_logging",
    "--fast_log_interval",
    "1",
    "--slow_log_interval",
    "5",
    "--log_dataset_idx",
    "0",
  );
  expect(all.status).toBe(0);
  const kept = readdirSync(join(dir, "checkpoints", "all"));
  expect(kept).toEqual(expect.arrayContaining(["events.jsonl", "pictures", "tensorboard"]));
  expect(train(...FILES, ...once, "1", "--num_gpus", "2").status).toBe(0);
});

test("rejects a run folder outside of the folder of runs", () => {
  for (const name of ["..", "."])
    expect(train(...FILES, "--experiment_name", name)).toMatchObject({
      status: 2,
      stderr: `gradbook train: experiment_name: must be the name of a folder; found "${name}"\n`,
    });
  expect(() => new Trainer({ name: "../other", overwrite: true })).toThrow(
    'name: must name a folder inside `dir`; found "../other"',
  );
});

test("shows the size of the run, then one line with numbers before the bar, in a terminal", async () => {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns: 200 });
  const progress = new TrainProgress(terminal);
  progress.observe({
    event: "fit_start",
    name: "a",
    folder: "runs/a",
    parameters: 5,
    max_epochs: 2,
    steps_per_epoch: 10,
  });
  const step = { event: "step", epoch: 0, train_loss: 0.5, lr: 1e-3, samples_per_s: 640 } as const;
  progress.observe({ ...step, step: 1 });
  progress.observe({ event: "validation", epoch: 0, step: 10, train_loss: 0.5, val_bps_overall: 0.25 });
  progress.observe({ ...step, epoch: 1, step: 15 });
  progress.observe({ event: "fit_end", epoch: 1, step: 20, stopped: "completed", seconds: 2 });
  expect(text).toContain("a: 5 parameters, 2 epochs of 10 steps\n");
  expect(text).toContain(
    "epoch 2/2  loss 0.5000  val_bps_overall 0.2500  0 s left  640 samples/s  █████████░░░ 75%",
  );
});
