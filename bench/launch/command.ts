import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { Table } from "../../lib/base/jupyter/table";
import { type Program, Supervisor } from "../../lib/distributed/supervisor";
import { Trainer } from "../../lib/trainer/trainer";
import { isInterrupted } from "../interrupt";
import { median, round } from "../step/median";
import { SIZES, type Size } from "../step/model-file";
import { small } from "./programs";
import { type RankMemory, rankMemory } from "./rank-memory";
import { manySessions, removeSessions, type Summed } from "./sharding";

const WORLDS = [2, 3, 4];
const BYTES = [4, 64 * 2 ** 10, 2 ** 20, 4 * 2 ** 20, 16 * 2 ** 20, 64 * 2 ** 20];
/** Cores that the comparison of one and two processes uses. */
const CORES = 2;

interface Options {
  rounds: number;
  steps: number;
  sizes: string;
  parts: string;
  frames: number;
}

/** `npm run bench -- launch`: measures the cost and the gain of several processes on the CPU. */
export function launchCommand(): Command {
  return new Command("launch")
    .description("all-reduce, its share of a step, two processes against one, the start; on the processor")
    .option("--rounds <n>", "rounds of the comparison of processes", Number, 3)
    .option("--steps <n>", "timed steps of a measurement", Number, 10)
    .option("--sizes <names>", `some of ${SIZES.join(",")}`, SIZES.join(","))
    .option("--frames <n>", "frames of each of the ten sessions of `shard`", Number, 40_000)
    .option("--parts <names>", "some of reduce,step,start,shard", "reduce,step,start,shard")
    .action(run);
}

async function run({ rounds, steps, sizes, parts, frames }: Options): Promise<void> {
  const say = (row: object) => console.log(JSON.stringify({ bench: "launch", ...row }));
  const reduced = [];
  const wanted = new Set(parts.split(","));
  for (const world of wanted.has("reduce") ? WORLDS : []) {
    const times = await inProcesses<{ bytes: number; ms: number }[]>(
      "reduce",
      { sizes: BYTES, repeats: 15 },
      world,
    );
    for (const { bytes, ms } of times) {
      // A ring moves 2 (n - 1) / n of the bytes through each process.
      const gbps = (2 * (world - 1) * bytes) / world / ms / 1e6;
      const row = { what: "reduce", world, bytes, ms: round(ms, 2), gb_per_s: round(gbps, 2) };
      say(row);
      reduced.push(row);
    }
    if (isInterrupted()) return;
  }
  if (reduced.length > 0) console.error(String(new Table(reduced.map(({ what: _, ...row }) => row))));
  const compared = [];
  for (const size of wanted.has("step") ? (sizes.split(",") as Size[]) : []) {
    const row = await compare(size, rounds, steps);
    say(row);
    compared.push(row);
    if (isInterrupted()) return;
  }
  if (compared.length > 0) console.error(String(new Table(compared.map(({ what: _, ...row }) => row))));
  for (const devices of wanted.has("start") ? [1, 2] : []) {
    const row = { what: "start", devices, s: round(await timeStart(devices), 2) };
    say(row);
    console.error(`from fit to the first step on ${devices} device${devices > 1 ? "s" : ""}: ${row.s} s`);
  }
  if (wanted.has("shard") && !isInterrupted()) {
    const rows = await compareSharding(frames);
    rows.forEach(say);
    console.error(String(new Table(rows.map(({ what: _, ...row }) => row))));
  }
}

/** The frames of sessions so short that the memory of a process is what it needs for everything else. */
const SHORT = 400;

/**
 * Compares two processes that have all of ten sessions with two that have some of them. `constant_mb` is the peak of a process whose sessions
 * are so short that they take no memory.
 */
async function compareSharding(frames: number) {
  const [made, short] = [await manySessions(frames), await manySessions(SHORT)];
  try {
    const rows: { sums: Summed; found: RankMemory; constant: RankMemory }[] = [];
    for (const shard of [undefined, "sessions"] as const) {
      const how = shard ? { shard } : {};
      const sums = await inProcesses<Summed>("countSummed", { ...short.files, ...how }, 2);
      const [found, constant] = [
        await rankMemory({ ...made.files, ...how }),
        await rankMemory({ ...short.files, ...how }),
      ];
      rows.push({ sums, found, constant });
    }
    const [whole] = rows;
    const mb = (bytes: number) => Math.round(bytes / 1e6);
    return rows.map(({ sums, found, constant }, i) => ({
      what: "shard",
      sessions: i === 0 ? "all" : "own",
      summed: sums.summed,
      of_core: rows[1]!.sums.shared,
      peak_mb: mb(found.peak),
      steady_mb: mb(found.steady),
      constant_mb: mb(constant.peak),
      parent_mb: mb(found.parent),
      peak_share: round(found.peak / whole!.found.peak, 2),
      steady_share: round(found.steady / whole!.found.steady, 2),
    }));
  } finally {
    removeSessions(made);
    removeSessions(short);
  }
}

interface StepTime {
  ms: number;
  bytes: number;
  reduce_ms: number;
}

/** Compares one process with two threads and two processes with one thread each, in turn, on the same batch. */
async function compare(size: Size, rounds: number, steps: number) {
  const found: Record<"one" | "two", StepTime[]> = { one: [], two: [] };
  for (let i = 0; i < rounds; i++) {
    found.one.push(await inProcesses<StepTime>("step", { size, steps }, 1));
    found.two.push(await inProcesses<StepTime>("step", { size, steps }, 2));
  }
  const of = (key: "one" | "two", what: keyof StepTime) => median(found[key].map((time) => time[what]));
  const [one, two, reduce] = [of("one", "ms"), of("two", "ms"), of("two", "reduce_ms")];
  return {
    what: "step",
    size,
    bytes: of("two", "bytes"),
    one_ms: round(one),
    two_ms: round(two),
    throughput: round(one / two, 3),
    reduce_ms: round(reduce, 2),
    reduce_share: round(reduce / two, 3),
  };
}

async function inProcesses<T>(name: string, data: unknown, processes: number): Promise<T> {
  const logs = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  const program: Program = { module: join(__dirname, "programs.ts"), name };
  const cores = Array.from({ length: processes }, () => Math.max(1, Math.floor(CORES / processes)));
  const allotment = { accelerator: "cpu" as const, gpus: cores.map(() => undefined), cores };
  try {
    return (await new Supervisor({ program, data, allotment, logs, watchdog: 300 }).run()) as T;
  } finally {
    rmSync(logs, { recursive: true, force: true });
  }
}

/** Seconds from `fit` to the first step's report. */
async function timeStart(devices: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  const module = small({ processes: devices });
  let first = Number.NaN;
  const begun = performance.now();
  const observer = {
    observe: ({ event }: { event: string }) => {
      if (event === "step" && Number.isNaN(first)) first = (performance.now() - begun) / 1000;
    },
  };
  try {
    await new Trainer({ dir, devices, maxEpochs: 1, stepsPerEpoch: 1, callbacks: [observer] }).fit(module);
    return first;
  } finally {
    module.dispose();
    rmSync(dir, { recursive: true, force: true });
  }
}
