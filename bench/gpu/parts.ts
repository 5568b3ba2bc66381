import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { deviceChecks, Skipped } from "../../lib/cli/doctor-device";
import { packageRoot } from "../../lib/cli/setup";
import { configureEngine, OutOfMemoryError, tf } from "../../lib/engine";
import { bfloat16Problem } from "../../lib/engine/precision";
import type { TrainerOptions } from "../../lib/trainer/options";
import { median, round } from "../step/median";
import { modelFile, readModel, type Size } from "../step/model-file";
import { subject, trainerOptions } from "../step/subject";
import { timeSteps } from "../step/timing";

/** The results of a part, for the report. */
export type Found = Readonly<Record<string, string | number>>;

/** The parts of `npm run check:gpu`, in order. Each runs in its own process, and throws `Skipped` where it does not apply. */
export const PARTS: Readonly<Record<string, () => Promise<Found>>> = {
  placement,
  equality,
  sums,
  bf16,
  memory,
  benchmark,
};

const STEPS = 10;

/** Checks the driver, the devices, and that a compiled step runs on a GPU. */
async function placement(): Promise<Found> {
  return found("NVIDIA driver", "devices", "a compiled training step");
}

/** Checks NCCL's sums over all GPUs. */
async function sums(): Promise<Found> {
  return found("NCCL");
}

async function found(...names: string[]): Promise<Found> {
  const results: Record<string, string> = {};
  for (const [name, find] of deviceChecks("gpu", packageRoot()))
    if (names.includes(name)) results[name] = await find();
  return results;
}

async function steps(size: Size, more: TrainerOptions = {}): Promise<{ ms: number; loss: number }> {
  const { module } = subject(readModel(size));
  const options = { ...trainerOptions(readModel(size).bench), ...more };
  const { times, loss } = await timeSteps(module, options, STEPS, {});
  return { ms: round(median(times), 2), loss };
}

/** The largest relative difference of a loss after `STEPS` steps in float32 on two devices, and in bfloat16 from float32. */
const [FLOAT32, BFLOAT16] = [1e-3, 2e-2];

function requireClose(found: number, expected: number, most: number): number {
  const difference = Math.abs(found / expected - 1);
  if (difference <= most) return difference;
  throw new Error(`the loss is ${found}, but should be ${expected} within ${most}`);
}

/** Compares the loss after some steps with that of the processor. */
async function equality(): Promise<Found> {
  const gpu = await steps("small");
  const cpu = Number(alone("losses", { CUDA_VISIBLE_DEVICES: "-1" }));
  return { gpu_loss: gpu.loss, cpu_loss: cpu, relative_difference: requireClose(gpu.loss, cpu, FLOAT32) };
}

/** Compares steps in bfloat16 with steps in float32. */
async function bf16(): Promise<Found> {
  const problem = bfloat16Problem();
  if (problem) throw new Skipped(problem);
  const [full, half] = [await steps("medium"), await steps("medium", { precision: "bf16-mixed" })];
  const difference = requireClose(half.loss, full.loss, BFLOAT16);
  return { float32_ms: full.ms, bf16_ms: half.ms, relative_difference: difference };
}

/** The share of the GPU's memory that `memory` may use, and the values of one of its tensors. */
const [SHARE, VALUES] = [0.2, 2 ** 26];

/** Checks that the process goes on after it has used its share of the GPU's memory. */
async function memory(): Promise<Found> {
  configureEngine({ device: "gpu", memoryFraction: SHARE });
  const held: tf.Tensor[] = [];
  try {
    for (;;) held.push(tf.tidy(() => tf.add(tf.zeros([VALUES]), held.length)));
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    const bytes = 4 * VALUES * held.length;
    tf.dispose(held);
    const [one] = tf.tidy(() => tf.add(1, 0).dataSync());
    if (one !== 1) throw new Error(`after the error, 1 + 0 is ${one}`);
    return { held_bytes: bytes, share: SHARE, message: error.message };
  }
}

/** Times a step against PyTorch on the same card. */
async function benchmark(): Promise<Found> {
  const { ms } = await steps("medium");
  const { GRADBOOK_TORCH_PYTHON: python } = process.env;
  if (!python)
    return { gradbook_ms: ms, torch: "not run: GRADBOOK_TORCH_PYTHON names no Python with PyTorch for CUDA" };
  const script = join(packageRoot(), "bench", "peer", "torch_step.py");
  const args = [
    "--mode",
    "merged",
    "--model",
    modelFile("medium"),
    "--steps",
    String(STEPS),
    "--device",
    "cuda",
  ];
  const torch = JSON.parse(execFileSync(python, [script, ...args], { encoding: "utf8" })) as { ms: number };
  return { gradbook_ms: ms, torch_ms: torch.ms, ratio: round(torch.ms / ms, 2) };
}

/** Runs this file in another process. @returns the last line of its output */
function alone(what: string, env: NodeJS.ProcessEnv): string {
  const args = ["--import", "tsx", __filename, what];
  return execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, ...env } })
    .trim()
    .split("\n")
    .at(-1)!;
}

/** Prints the result of a part as JSON; for `losses`, the loss after some steps. */
async function main(what: string): Promise<void> {
  if (what === "losses") {
    console.log((await steps("small")).loss);
    return;
  }
  const status = await PARTS[what]!().then(
    (found) => ({ status: "passed", found }),
    (error: Error) =>
      error instanceof Skipped
        ? { status: "not run", reason: error.message }
        : { status: "failed", reason: error.message },
  );
  console.log(JSON.stringify(status));
}

if (require.main === module) void main(process.argv[2]!);
