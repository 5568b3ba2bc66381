import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../lib/base/config";
import { writeSession } from "../../lib/data/write-session";
import type { RendezvousClient } from "../../lib/distributed/rendezvous-client";
import { devices, type tf } from "../../lib/engine";
import { type Batch, isOwn } from "../../lib/protocols/module";
import { ProcessGroup } from "../../lib/trainer/distributed/process-group";
import { trainerSchema } from "../../lib/trainer/options";
import { TrainingStep } from "../../lib/trainer/step/step";
import { type ExperimentFiles, loadExperiment } from "../../lib/twin/experiment";
import { followMemory } from "../data/follow-memory";
import { readModel } from "../step/model-file";
import { trainerOptions } from "../step/subject";

const FLOAT_BYTES = 4;
const SIZE = "10x1000";
const STEPS = 5;
/** The frames of a trial, and the frames per second. */
const [TRIAL, RATE] = [200, 30];

/** The cost of a process, the largest of all processes. */
export interface ShardCost {
  /** The bytes that are summed over the processes in one step. */
  readonly summed: number;
  /** The bytes of the weights that all processes have. */
  readonly shared: number;
  /** The peak of the process's memory, and its memory before the sessions are loaded. */
  readonly peak: number;
  readonly base: number;
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
    ...{ frames, height, width, others: {} },
    stim: noise(frames * height * width, 256),
    robs: noise(frames * cids.length, 4),
    eyepos: new Float32Array(2 * frames),
    tBins: Float64Array.from({ length: frames }, (_, t) => t / RATE),
    trialInds: Int32Array.from({ length: frames }, (_, t) => Math.floor(t / TRIAL)),
    dpiValid: new Float32Array(frames).fill(1),
  };
  await writeSession(join(dir, "recording.h5"), {
    ...{ name: "noise", samplingRate: RATE, pixelsPerDegree: 10, cids },
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

/** Trains some steps on one of several processes. @returns the largest cost of a process */
export async function shardCost(client: RendezvousClient, files: ExperimentFiles): Promise<ShardCost> {
  devices();
  const memory = await followMemory();
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
  let [number, summed] = [0, 0];
  for await (const batch of batches as AsyncIterable<Batch>) {
    await step.train(batch, rates, number);
    // The step was traced, with all its sums, at its first batch.
    if (number === 0) summed = count.bytes;
    if (++number === STEPS) break;
  }
  const shared = module.parameters
    .filter((parameter) => !isOwn(module, parameter))
    .reduce((sum, { variable }) => sum + FLOAT_BYTES * variable.size, 0);
  const peak = memory.base + (await memory.peak());
  const all = (await group.exchange({ summed, shared, peak, base: memory.base })) as ShardCost[];
  return all.reduce((most, cost) => (cost.peak > most.peak ? cost : most));
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
