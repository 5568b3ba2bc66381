import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { LaunchError } from "../../lib/distributed";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import { newFolder } from "../new-folder";
import { Killer } from "./killer";
import { Stopper } from "./line";
import { expectClose, expectSameCheckpoints, writeConfigs, writeRecordings } from "./sharded-training";

const dir = newFolder();
let configs: ReturnType<typeof writeConfigs>;
beforeAll(async () => {
  await writeRecordings(dir);
  configs = writeConfigs(dir, "twin");
});

/** The number of samples of a batch of all processes. */
const ALL = 24;

/** Trains with sharded sessions, or in one process with all sessions. */
async function train(
  name: string,
  devices: number,
  more: TrainerOptions = {},
  extra: Killer | Stopper | undefined = undefined,
) {
  const module = await loadExperiment({ ...configs, ...(devices > 1 ? { shard: "sessions" } : {}) });
  const callbacks = [
    new EMAWeightAveraging({ decay: 0.5 }),
    new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max", saveTopK: 1 }),
    ...(extra ? [extra] : []),
  ];
  const length = { maxEpochs: 2, stepsPerEpoch: 2, accumulateGradBatches: 2, batchSize: ALL / devices };
  const options = { dir, name, devices, seed: 5, optimizer: { lr: 0.01 }, gradientClipVal: 0.05, callbacks };
  try {
    return await new Trainer({ ...length, ...options, ...more }).fit(module);
  } finally {
    module.dispose();
  }
}

let run: ReturnType<typeof train> | undefined;
/** Trains the run that is compared with others, once. */
const whole = () => {
  run ??= train("whole", 2);
  return run;
};

test("continues bit for bit after one of its processes was killed", async () => {
  const { history } = await whole();
  const killed = train("killed", 2, {}, new Killer({ step: 3, once: join(dir, "once") }));
  await expect(killed).rejects.toThrow(LaunchError);
  const resumed = await train("killed", 2, { resume: "auto" });
  expect(resumed.history).toEqual(history);
  expectSameCheckpoints(dir, "whole", "killed");
});

test("moves within a step from one process without shard to two processes, and to three", async () => {
  const { history } = await whole();
  for (const [devices, after] of [
    [1, 3],
    [2, 2],
  ] as const) {
    const part = await train("moved", devices, { resume: "auto" }, new Stopper({ after }));
    expect(part.stopped).toBe("interrupted");
  }
  const moved = await train("moved", 3, { resume: "auto" });
  expectClose(moved.history, history, 1e-4);
  expectSameCheckpoints(dir, "whole", "moved", 1e-4);
});
