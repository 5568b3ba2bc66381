import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { newFolder } from "../new-folder";
import { gradbookIn } from "./gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

test("simulates sessions and a table; refuses to overwrite them with exit code 2", () => {
  const args = [
    "simulate",
    "--out",
    "mine",
    "--sessions",
    "1",
    "--frames",
    "1000",
    "--units",
    "3",
    "--size",
    "11",
  ];
  const first = gradbookIn(dir, ...args);
  expect(first).toMatchObject({ status: 0, stderr: "" });
  expect(first.stdout).toMatch(
    /^luke_2031-03-01 written to mine\/luke_2031-03-01.h5\nsession +units +frames +trials +rate \(spikes\/s\) +best possible/,
  );
  expect(readdirSync(join(dir, "mine")).sort()).toEqual([
    "luke_2031-03-01.h5",
    "luke_2031-03-01.truth.h5",
    "luke_2031-03-01.yaml",
  ]);
  const second = gradbookIn(dir, ...args);
  expect(second).toMatchObject({ status: 2, stdout: "" });
  expect(second.stderr).toBe(
    "mine/luke_2031-03-01.h5: exists already (1 of 1 sessions); give another folder, or --force to replace it\n",
  );
});

test("suggests the nearest option for an unknown one", () => {
  expect(gradbookIn(dir, "simulate", "--sesions", "1")).toMatchObject({ status: 2 });
  expect(gradbookIn(dir, "simulate", "--sesions", "1").stderr).toContain("Did you mean --sessions?");
  expect(gradbookIn(dir, "simulate", "--seed", "x").stderr).toContain("must be a whole number");
});

test("reports the findings of doctor", () => {
  const found = gradbookIn(dir, "doctor");
  expect(found.stdout).toMatch(
    /tensor operations +ok +20 \+ 22 = 42, max\(1, 3, 2\) = 3, slope of x² at 3 = 6\n/,
  );
  expect(found.stdout).toMatch(/Python packages in .venv +ok +done\n/);
  expect(found.status).toBe(0);
});

const script = (config: string) => `
const { loadExperiment, ModelCheckpoint, ProgressLine, Trainer } = require("gradbook");
(async () => {
  const experiment = await loadExperiment({ model: ${JSON.stringify(config)}, sessions: ${JSON.stringify(resolve("configs/sessions/demo.yaml"))}, maxDatasets: 1 });
  const callbacks = [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" }), new ProgressLine()];
  const run = await new Trainer({ dir: ${JSON.stringify(dirOf())}, maxEpochs: 1000, stepsPerEpoch: 20, optimizer: { lr: 1e-3 }, callbacks }).fit(experiment);
  console.log("returned", run.stopped);
})().catch((error) => { console.error(error.message); process.exitCode = 2; });
`;
function dirOf(): string {
  return dir;
}
const run = (text: string) =>
  spawn(process.execPath, ["-e", text], { cwd: process.cwd(), stdio: ["ignore", "pipe", "pipe"] });

test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
  "%s in the middle of training leaves a readable checkpoint",
  async (signal) => {
    const child = run(script(resolve("configs/models/quickstart.yaml")));
    let out = "";
    child.stdout.on("data", (data) => {
      out += data;
      // Two epochs are completed, and the third is running.
      if (/epoch 2\//.test(out) && !child.killed) child.kill(signal);
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(signal === "SIGKILL" ? null : 0);
    if (signal !== "SIGKILL") expect(out).toContain("returned interrupted");
    const checkpoints = join(dir, "run", "checkpoints");
    const { tensors, metadata } = readSafetensors(join(checkpoints, "last.safetensors"));
    expect(tensors.has("readouts.0.features.weight")).toBe(true);
    const { step } = JSON.parse(metadata.gradbook!);
    // After a kill, the checkpoint is that of the last finished validation.
    expect(step).toBeGreaterThanOrEqual(signal === "SIGKILL" ? 20 : 40);
  },
);

test("names the file, the key and the allowed keys for a wrong key in a model's YAML, and writes nothing", async () => {
  const config = join(dir, "model.yaml");
  writeFileSync(
    config,
    "frontend: {type: learnable_temporal, params: {kernelsize: 9, num_channels: 4}}\nreadout: {type: gaussian}\n",
  );
  const child = run(script(config));
  let err = "";
  child.stderr.on("data", (data) => {
    err += data;
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(2);
  expect(err.replaceAll(dir, "DIR")).toMatch(
    /^DIR\/model.yaml: frontend.params: unknown key "kernelsize" is not one of: .*\(did you mean "kernel_size"\?\)\n$/,
  );
  expect(readdirSync(dir)).toEqual(["model.yaml"]);
});

test("suggests the nearest command for an unknown one, with exit code 2", () => {
  const { status, stderr } = gradbookIn(dir, "trian", "--model_config", "x.yaml");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "error: unknown command 'trian'\n(Did you mean train?)\n",
  });
  expect(gradbookIn(dir, "--help").status).toBe(0);
});
