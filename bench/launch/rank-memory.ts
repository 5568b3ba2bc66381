import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../lib/cli/setup";
import type { ExperimentFiles } from "../../lib/twin/experiment";
import { memoryOf } from "../data/peak-thread";
import { median } from "../step/median";
import { readModel } from "../step/model-file";
import { SIZE } from "./sharding";

const RANKS = 2;
const STEPS = 40;
/** The milliseconds between two looks at the processes. */
const EVERY = 20;

/** The memory of the processes of a training, in bytes. */
export interface RankMemory {
  /** The peak of the rank with the largest one. */
  readonly peak: number;
  /** The median of that rank's last second. */
  readonly steady: number;
  /** The peak of the process that started the ranks. */
  readonly parent: number;
}

/** Runs `gradbook train` of the built package on two processes, and follows their memory from outside. */
export async function rankMemory({ model, sessions, shard }: ExperimentFiles): Promise<RankMemory> {
  const { bench } = readModel(SIZE);
  const folder = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  const flags = {
    model_config: model,
    dataset_configs_path: sessions,
    checkpoint_dir: folder,
    experiment_name: "memory",
    num_gpus: RANKS,
    batch_size: bench.batch_size / RANKS,
    max_epochs: 1,
    steps_per_epoch: STEPS,
    limit_val_batches: 4,
    progress: "json",
    ...(shard ? { shard } : {}),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const main = join(packageRoot(), "dist", "lib", "cli", "main.js");
  const child = spawn(process.execPath, [main, "train", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    return await follow(child);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Follows a process and its children until it ends. @throws Error when it fails */
async function follow(child: ChildProcess): Promise<RankMemory> {
  const seen = new Map<number, number[]>();
  const timer = setInterval(() => {
    for (const pid of [child.pid!, ...childrenOf(child.pid!)]) {
      const bytes = memoryOf(pid);
      if (bytes !== undefined) seen.set(pid, [...(seen.get(pid) ?? []), bytes]);
    }
  }, EVERY);
  let errors = "";
  child.stderr!.on("data", (text: Buffer) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`gradbook train ended with exit code ${code}: ${errors}`);
  const [parent, ...ranks] = [...seen.values()];
  const peak = (values: readonly number[]) => Math.max(...values);
  const largest = ranks.sort((a, b) => peak(b) - peak(a))[0]!;
  return { peak: peak(largest), steady: median(largest.slice(-1000 / EVERY)), parent: peak(parent!) };
}

/** Returns the numbers of the workers that a process started (Linux). */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => {
      try {
        const [, parent] = readFileSync(`/proc/${each}/stat`, "utf8").split(") ").at(-1)!.split(" ");
        return (
          Number(parent) === pid &&
          readFileSync(`/proc/${each}/cmdline`, "utf8").includes("distributed/worker")
        );
      } catch {
        // The process has ended.
        return false;
      }
    });
}
