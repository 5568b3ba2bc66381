import { join } from "node:path";
import { type Ended, packageRoot, runChild } from "../../lib/cli/setup";
import type { Job } from "./jobs";
import { round } from "./median";
import { type Bench, hasManyUnits, modelFile } from "./model-file";
import { type PeakRow, peakOf, type Row, type StepRow } from "./row";

export interface Setting {
  /** The number of the round, from 1. */
  round: number;
  threads: number;
  /** The number of timed steps. Default: the model's own number. */
  steps?: number;
  /** The Python for torch's measurements. */
  python?: string;
  /** The settings of the job's model; none for the matrix product. */
  bench?: Bench;
  /** The matrix products of this round so far. */
  peaks: readonly PeakRow[];
}

/** Both overhead modes run a bare loop and a trainer several times over. */
const OVERHEAD_SHARE = 3;

/** Makes a measurement in its own process. A failed measurement becomes a row too. */
export async function measure(job: Job, setting: Setting): Promise<Row> {
  const head = { bench: "step" as const, round: setting.round, ...job };
  let ended: Ended;
  try {
    const [command, args] = commandOf(job, setting);
    ended = await runChild(command, args, { env: environment(setting.threads), cwd: packageRoot() });
  } catch (error) {
    return { ...head, error: (error as Error).message };
  }
  const line = ended.output.split("\n").findLast((text) => text.startsWith("{"));
  if (ended.code !== 0 || line === undefined) return { ...head, error: lastWords(ended) };
  const measured = JSON.parse(line) as Partial<StepRow> & { ms: number };
  const { bench } = setting;
  if (!bench || measured.peak_mib === undefined) return { ...head, ...measured } as Row;
  const { ms, peak_mib, compile_s = 0, ...more } = measured;
  const gflops = (1000 * bench.gflop_per_step) / ms;
  return {
    ...head,
    ms,
    samples_per_s: round((1000 * bench.batch_size) / ms, 1),
    gflops: round(gflops, 1),
    sgemm_share: round(gflops / peakOf(setting.peaks)),
    peak_mib,
    compile_s,
    ...more,
  } as StepRow;
}

function commandOf(
  { engine, mode, size }: Job,
  { bench, steps, threads, python }: Setting,
): [string, string[]] {
  const args = ["--mode", mode];
  if (size && bench) {
    const asked = steps ?? bench.steps;
    const timed = mode.endsWith("_overhead") ? Math.ceil(asked / OVERHEAD_SHARE) : asked;
    args.push("--model", modelFile(size), "--steps", String(timed));
    if (hasManyUnits(size)) args.push("--sessions", size);
  }
  if (engine === "torch") {
    const script = join(__dirname, "..", "peer", "torch_step.py");
    return [python ?? "python3", [script, ...args, "--threads", String(threads)]];
  }
  // Starts the program directly, without a wrapper process, because the memory of the child is measured.
  return [process.execPath, ["--require", "tsx/cjs", join(__dirname, "gradbook.ts"), ...args]];
}

/** Gives both engines the same number of threads and no GPU, because the benchmark compares them on the CPU. */
function environment(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return {
    ...process.env,
    CUDA_VISIBLE_DEVICES: "-1",
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: count,
  };
}

/** Returns the error text of a failed process. */
function lastWords({ code, output }: Ended): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const python = lines.some((line) => line.startsWith("Traceback"));
  // Python's exception stands below its stack, which is indented, and may need a second line; Node's stands above.
  const below = lines.slice(lines.findLastIndex((line) => /^\s/.test(line)) + 1).slice(0, 2);
  const words = python ? below.join(" ") : (lines.find((line) => /Error\b.*:/.test(line)) ?? lines.at(-1));
  return `${code === null ? "ended by a signal: " : ""}${words?.trim() || "no output"}`.slice(0, 300);
}
