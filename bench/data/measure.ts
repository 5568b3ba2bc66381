import { readFileSync, writeFileSync } from "node:fs";
import { readHdf5 } from "../../lib/data/hdf5";
import { compile, devices, tf } from "../../lib/engine";
import { MultiDatasetDM } from "../../lib/twin/multi-dataset";
import { ResidentData } from "../../lib/twin/resident";
import { median } from "../step/median";

/** One measurement of `npm run bench -- data`, in a process of its own: memory has a peak only once. */

const BATCHES = 50;
const BATCH = 256;

export interface DataRow {
  bench: "data";
  sessions: number;
  /** Bytes of all movies. */
  movies: number;
  load_s: number;
  /** The process's peak over what it had before, in shares of the movies' bytes. */
  peak: number;
  /** Milliseconds outside the step to serve a batch, and until its first one is there. */
  serve_ms: number;
  first_ms: number;
  /** Milliseconds of a compiled step that gathers the batch and does nothing else. */
  gather_ms: number;
}

async function measure(config: string, count: number): Promise<DataRow> {
  await prepareLibraries();
  const before = fromHere();
  const begun = performance.now();
  const data = await MultiDatasetDM.load(config, { maxDatasets: count });
  const resident = new ResidentData(data.sessions, { stim: true });
  const load = performance.now() - begun;
  const peak = memoryLine("VmHWM") - before;
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
    serve_ms: round(median(serve.slice(1))),
    first_ms: round(serve[0]!),
    gather_ms: round(median(gather.slice(1)), 1),
  };
}

/** What the sessions do not take: TensorFlow's threads, and HDF5's library. */
async function prepareLibraries(): Promise<void> {
  devices();
  tf.tidy(() => tf.add(1, 1).dataSync());
  await readHdf5(`${process.argv[2]!.replace(/parent\.yaml$/, "")}s_0.h5`, "", (file) => file.keys());
}

/** Bytes that the process has, and from which its peak counts anew (Linux). */
function fromHere(): number {
  // What starting up left behind would otherwise go while the sessions are loaded, and hide what they take.
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5");
  return memoryLine("VmRSS");
}

function memoryLine(name: string): number {
  const line = readFileSync("/proc/self/status", "utf8").match(new RegExp(`${name}:\\s+(\\d+) kB`));
  return Number(line![1]) * 1024;
}

measure(process.argv[2]!, Number(process.argv[3])).then((row) => console.log(JSON.stringify(row)));
