import { closeSync, fsyncSync, openSync } from "node:fs";
import koffi from "koffi";
import { MultiDatasetDM, type MultiDatasetOptions } from "../../lib/data/serving/multi-dataset";
import { ResidentData } from "../../lib/data/serving/resident";

/**
 * Serves batches of a movie that is in host memory, or in its file with the page cache warm or cold, and does nothing else with them:
 * measures the samples per second.
 */

const [BATCH, BATCHES] = [256, 100];
/** The cache of the movie's blocks is small, so that most windows are read from the file. */
const CACHE = 2 ** 25;

const PLACES = ["memory", "warm", "cold"] as const;
type Place = (typeof PLACES)[number];

export interface DiskRow {
  /** Samples per second from host memory, and from the file with the page cache warm and cold. */
  memory_sps: number;
  warm_sps: number;
  cold_sps: number;
}

async function measure(config: string, place: Place): Promise<Partial<DiskRow>> {
  const limits: MultiDatasetOptions = place === "memory" ? { deviceBudget: 0 } : { movieCache: CACHE };
  const data = await MultiDatasetDM.load(config, { maxDatasets: 1, ...limits });
  const resident = new ResidentData(data.sessions, { stim: true, limits: data.limits });
  const { file } = data.sessions[0]!;
  // Without this the first pass of a warm file would find the pages that were evicted while it was written.
  if (place === "warm") await served(resident, data);
  if (place === "cold") dropPages(file);
  const rate = await served(resident, data);
  resident.dispose();
  return { [`${place}_sps`]: Math.round(rate) };
}

/** Serves batches. @returns samples per second, from the second batch on: the first one waits for the thread to start */
async function served(resident: ResidentData, data: MultiDatasetDM): Promise<number> {
  const batches = Math.min(BATCHES, data.trainBatchCount(BATCH) - 1);
  let [count, begun] = [0, 0];
  for await (const _ of resident.serve(data.trainBatches({ batchSize: BATCH, seed: 0, pass: 0 }))) {
    if (count === 0) begun = performance.now();
    if (count++ === batches) break;
  }
  return (1000 * BATCH * (count - 1)) / (performance.now() - begun);
}

/** Removes the pages of a file from the system's cache (Linux). */
function dropPages(path: string): void {
  const advise = koffi.load("libc.so.6").func("int posix_fadvise(int, int64_t, int64_t, int)");
  const DONT_NEED = 4;
  const file = openSync(path, "r");
  fsyncSync(file);
  const error = advise(file, 0, 0, DONT_NEED) as number;
  closeSync(file);
  if (error !== 0) throw new Error(`posix_fadvise: error ${error}`);
}

const [config, place] = process.argv.slice(2) as [string, Place];
measure(config, place).then((row) => console.log(JSON.stringify(row)));
