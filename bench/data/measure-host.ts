import { setTimeout } from "node:timers/promises";
import { MultiDatasetDM } from "../../lib/data/serving/multi-dataset";
import { ResidentData } from "../../lib/data/serving/resident";
import { median } from "../step/median";

/**
 * Serves batches from movies that are all in host memory: measures how long the thread gathers one, and how long a step
 * waits for it.
 */

const BATCHES = 50;
const BATCH = 256;
/**
 * The milliseconds of the step during which a batch is gathered. The processor is free meanwhile, as while a GPU
 * computes.
 */
const STEP = 50;

export interface HostRow {
  /** The milliseconds from batch to batch when nothing is done with them. */
  host_ms: number;
  /** The milliseconds that a step of 50 ms waits for its batch. */
  host_wait_ms: number;
}

async function measure(config: string, count: number): Promise<HostRow> {
  const data = await MultiDatasetDM.load(config, { maxDatasets: count, deviceBudget: 0 });
  const resident = new ResidentData(data.sessions, { stim: true, limits: { deviceBudget: 0 } });
  const waits = async (step: number) => {
    const batches = Math.min(BATCHES, data.trainBatchCount(BATCH) - 1);
    const found: number[] = [];
    let asked = performance.now();
    for await (const _ of resident.serve(data.trainBatches({ batchSize: BATCH, seed: 0, pass: 0 }))) {
      found.push(performance.now() - asked);
      if (found.length > batches) break;
      if (step > 0) await setTimeout(step);
      asked = performance.now();
    }
    // The first two batches wait for the thread to start and for the buffers' memory.
    return Number(median(found.slice(2)).toFixed(2));
  };
  const row = { host_ms: await waits(0), host_wait_ms: await waits(STEP) };
  resident.dispose();
  return row;
}

const [config, count] = process.argv.slice(2) as [string, string];
measure(config, Number(count)).then((row) => console.log(JSON.stringify(row)));
