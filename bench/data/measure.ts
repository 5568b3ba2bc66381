import { MultiDatasetDM } from "../../lib/data/serving/multi-dataset";
import { ResidentData } from "../../lib/data/serving/resident";
import { compile, devices, tf } from "../../lib/engine";
import { median } from "../step/median";
import { followMemory } from "./follow-memory";

/** Makes one measurement of `npm run bench -- data`, in its own process, so that it has its own memory peak. */

const BATCHES = 50;
const BATCH = 256;

export interface DataRow {
  bench: "data";
  sessions: number;
  /** Bytes of all movies. */
  movies: number;
  load_s: number;
  /**
   * The peak of the process's memory above what it had after loading a session of a few frames, as a share of the
   * movies' bytes.
   */
  peak: number;
  /** The memory of the process at that point, in bytes. */
  base: number;
  /** The milliseconds to serve a batch outside of the step, and the milliseconds until the first batch is ready. */
  serve_ms: number;
  first_ms: number;
  /** Milliseconds of a compiled step that gathers the batch and does nothing else. */
  gather_ms: number;
}

async function measure(config: string, small: string, count: number): Promise<DataRow> {
  await loadOnce(small);
  const memory = await followMemory();
  const begun = performance.now();
  const data = await MultiDatasetDM.load(config, { maxDatasets: count });
  const resident = new ResidentData(data.sessions, { stim: true });
  const load = performance.now() - begun;
  const peak = await memory.peak();
  const movies = data.sessions.reduce((sum, { stim }) => sum + stim.byteLength, 0);
  const step = compile((batch: { frame: tf.Tensor1D; dataset: tf.Tensor1D }) =>
    tf.mean(resident.samples(batch).stim!),
  );
  const [serve, gather]: [number[], number[]] = [[], []];
  const batches = data.trainBatches({ batchSize: BATCH, seed: 0, pass: 0 });
  for (let i = 0; i <= Math.min(BATCHES, data.trainBatchCount(BATCH) - 1); i++) {
    const asked = performance.now();
    const { value } = batches.next();
    const batch = {
      frame: tf.tensor1d(value!.frame, "int32"),
      dataset: tf.tensor1d(value!.dataset, "int32"),
    };
    const served = performance.now();
    const result = await step(batch);
    result.dataSync();
    serve.push(served - asked);
    gather.push(performance.now() - served);
    tf.dispose([result, batch]);
  }
  step.dispose();
  resident.dispose();
  const round = (x: number, digits = 3) => Number(x.toFixed(digits));
  return {
    bench: "data",
    sessions: count,
    movies,
    load_s: round(load / 1000, 2),
    peak: round(peak / movies),
    base: memory.base,
    serve_ms: round(median(serve.slice(1))),
    first_ms: round(serve[0]!),
    gather_ms: round(median(gather.slice(1)), 1),
  };
}

/**
 * Loads a short session first, to exclude memory that does not depend on length: TensorFlow's threads, HDF5's library,
 * compiled code.
 */
async function loadOnce(config: string): Promise<void> {
  devices();
  tf.tidy(() => tf.add(1, 1).dataSync());
  const { sessions } = await MultiDatasetDM.load(config, { maxDatasets: 1 });
  new ResidentData(sessions, { stim: true }).dispose();
}

const [config, small, count] = process.argv.slice(2) as [string, string, string];
measure(config, small, Number(count)).then((row) => console.log(JSON.stringify(row)));
