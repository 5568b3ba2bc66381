import { readFileSync } from "node:fs";
import { Command } from "commander";
import { tf } from "../../lib/engine";
import { median, round } from "./median";
import { type ModelFile, readModelFile } from "./model-file";
import { OneWeight } from "./ready-module";
import { subject, trainerOptions } from "./subject";
import { timeOverhead, timeSteps } from "./timing";

/**
 * One measurement of gradbook's training step, printed as one line of JSON; `peer/torch_step.py` is its counterpart.
 *
 * Modes: compiled; eager (the same code op by op); trainer_overhead (the trainer's fit and the bare step by turns);
 * sgemm (the machine's best single-precision matrix product; needs no model).
 */
const OVERHEAD_TURNS = 4;
/** The steps of the loop without computation, which is short and varies. */
const LOOP_STEPS = 300;

async function measure(mode: string, file: ModelFile, steps: number) {
  const { bench } = file;
  const { module, planGflop } = subject(file);
  const options = trainerOptions(bench);
  const { times, traced, first, cpu, loss } = await timeSteps(module, options, steps, {
    compile: mode === "compiled",
  });
  const ms = median(times);
  // The extra time of the first step. Nothing is compiled when the step runs op by op.
  const compiled = mode === "compiled";
  return {
    ms: round(ms),
    cpu_ms: round(cpu),
    ...memory(),
    compile_s: compiled ? round((first - ms) / 1000, 2) : 0,
    ...(compiled ? { trace_s: round(traced / 1000, 2) } : {}),
    loss,
    plan_gflop: round(planGflop),
  };
}

async function trainerOverhead(file: ModelFile, steps: number) {
  const { module } = subject(file);
  const options = trainerOptions(file.bench);
  const { bare, trainer } = await timeOverhead(module, options, steps, OVERHEAD_TURNS);
  const loop = await timeOverhead(new OneWeight(), {}, LOOP_STEPS, OVERHEAD_TURNS);
  return {
    ms: round(trainer),
    bare_ms: round(bare),
    overhead_ms: round(trainer - bare),
    loop_overhead_ms: round(loop.trainer - loop.bare),
  };
}

function sgemm(n = 2048, repeats = 15) {
  const [a, b] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])];
  const times = Array.from({ length: repeats }, () => {
    const begun = performance.now();
    // Eager TensorFlow returns when the product has been computed.
    tf.matMul(a, b).dispose();
    return performance.now() - begun;
  });
  const best = Math.min(...times);
  return { ms: round(best), gflops: round((2 * n ** 3) / best / 1e6, 1) };
}

/** Returns the process's peak memory in MiB; on Linux also without mapped files, such as libraries. */
function memory(): { peak_mib: number; own_mib?: number } {
  // maxRSS is in KiB, as are the kernel's numbers.
  const { maxRSS } = process.resourceUsage();
  const peak = { peak_mib: Math.round(maxRSS / 1024) };
  if (process.platform !== "linux") return peak;
  const files = /^RssFile:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return { ...peak, own_mib: Math.round((maxRSS - Number(files)) / 1024) };
}

interface Options {
  mode: string;
  model: string;
  sessions?: string;
  steps: number;
}

new Command("gradbook")
  .requiredOption("--mode <mode>")
  .option("--model <file>", "a YAML file with a bench and a model part")
  .option("--sessions <count>", "the number of sessions and of the units of each, such as 10x8000")
  .option("--steps <n>", "timed steps", Number, 20)
  .action(async ({ mode, model, sessions, steps }: Options) => {
    const row =
      mode === "sgemm"
        ? sgemm()
        : mode === "trainer_overhead"
          ? await trainerOverhead(readModelFile(model), steps)
          : await measure(mode, readModelFile(model, sessions), steps);
    console.log(JSON.stringify(row));
  })
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
