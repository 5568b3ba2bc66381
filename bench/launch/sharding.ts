import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../lib/base/config";
import { writeSession } from "../../lib/data/write-session";
import type { RendezvousClient } from "../../lib/distributed/rendezvous-client";
import type { tf } from "../../lib/engine";
import { type Batch, isOwn } from "../../lib/protocols/module";
import { ProcessGroup } from "../../lib/trainer/distributed/process-group";
import { trainerSchema } from "../../lib/trainer/options";
import { TrainingStep } from "../../lib/trainer/step/step";
import { type ExperimentFiles, loadExperiment } from "../../lib/twin/experiment";
import { readModel } from "../step/model-file";
import { trainerOptions } from "../step/subject";

const FLOAT_BYTES = 4;
/** The numbers of sessions and units. */
export const SIZE = "10x1000";
/** The frames of a trial, and the frames per second. */
const [TRIAL, RATE] = [200, 30];

/** The bytes that are summed over the processes in one step, and those of the weights that all processes have. */
export interface Summed {
  readonly summed: number;
  readonly shared: number;
}

/**
 * Writes a recording of noise with 1,000 units, ten sessions that use it, and the model of the benchmark `units`.
 *
 * @returns the files, and the folder to remove afterwards
 */
export async function manySessions(frames: number): Promise<{ dir: string; files: ExperimentFiles }> {
  const dir = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  const { bench, model } = readModel(SIZE);
  const { height, width, units, lags } = bench;
  const cids = Array.from({ length: units[0]! }, (_, unit) => unit);
  const noise = (length: number, most: number) =>
    Uint8Array.from({ length }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 8) % most);
  const recording = {
    frames,
    height,
    width,
    others: {},
    stim: noise(frames * height * width, 256),
    robs: noise(frames * cids.length, 4),
    eyepos: new Float32Array(2 * frames),
    tBins: Float64Array.from({ length: frames }, (_, t) => t / RATE),
    trialInds: Int32Array.from({ length: frames }, (_, t) => Math.floor(t / TRIAL)),
    dpiValid: new Float32Array(frames).fill(1),
  };
  await writeSession(join(dir, "recording.h5"), {
    name: "noise",
    samplingRate: RATE,
    pixelsPerDegree: 10,
    cids,
    recordings: { noise: recording },
  });
  const names = units.map((_, session) => `noise_${session}`);
  for (const session of names)
    writeFileSync(join(dir, `${session}.yaml`), JSON.stringify({ session, cids, recording: "recording.h5" }));
  const sessions = {
    types: ["noise"],
    sessions: names,
    keys_lags: { stim: Array.from({ length: lags }, (_, lag) => lag) },
    transforms: { stim: { source: "stim", ops: [{ pixelnorm: {} }] } },
    datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: lags } }] } },
  };
  const files = { model: join(dir, "model.yaml"), sessions: join(dir, "sessions.yaml") };
  writeFileSync(files.model, JSON.stringify(model));
  writeFileSync(files.sessions, JSON.stringify(sessions));
  return { dir, files };
}

export const removeSessions = ({ dir }: { dir: string }) => rmSync(dir, { recursive: true });

/** Trains a step on one of several processes, and counts what it sums. */
export async function countSummed(client: RendezvousClient, files: ExperimentFiles): Promise<Summed> {
  const module = await loadExperiment(files);
  const group = new ProcessGroup(client);
  await group.connect(module);
  const { bench } = readModel(SIZE);
  const options = check(trainerSchema, trainerOptions(bench), "benchmark");
  const step = new TrainingStep(module, options, { group });
  const count = countSums(client);
  const { rank, worldSize } = client;
  const batchSize = bench.batch_size / worldSize;
  const batches = module.trainBatches({ batchSize, seed: 0, pass: 0, rank, worldSize });
  const rates = { lr: options.optimizer.lr, lambdas: module.regularization.lambdas(0) };
  // The step is traced, with all its sums, at its first batch.
  for await (const batch of batches as AsyncIterable<Batch>) {
    await step.train(batch, rates, 0);
    break;
  }
  const shared = module.parameters
    .filter((parameter) => !isOwn(module, parameter))
    .reduce((sum, { variable }) => sum + FLOAT_BYTES * variable.size, 0);
  return { summed: count.bytes, shared };
}

/** Counts the bytes of the sums that are traced from now on. */
function countSums({ collectives }: RendezvousClient): { readonly bytes: number } {
  const count = { bytes: 0 };
  const sum = collectives.sum.bind(collectives);
  collectives.sum = <T extends tf.Tensor>(x: T, key: string) => {
    count.bytes += FLOAT_BYTES * x.size;
    return sum(x, key);
  };
  return count;
}
