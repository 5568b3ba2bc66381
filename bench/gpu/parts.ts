import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { deviceChecks, Skipped } from "../../lib/cli/doctor-device";
import { packageRoot } from "../../lib/cli/setup";
import { configureEngine, OutOfMemoryError, tf } from "../../lib/engine";
import { bfloat16Problem, type Precision } from "../../lib/engine/precision";
import { median, round } from "../step/median";
import { modelFile, readModel, type Size } from "../step/model-file";
import { subject, trainerOptions } from "../step/subject";
import { timeSteps } from "../step/timing";

/** The results of a part, for the report. */
export type Found = Readonly<Record<string, string | number>>;

/** The kind of device that is checked: with `cpu` the processor stands for the GPU. */
export type Kind = "gpu" | "cpu";

/** The parts of `npm run check:gpu`, in order. Each runs in its own process, and throws `Skipped` where it does not apply. */
export const PARTS: Readonly<Record<string, (kind: Kind) => Promise<Found>>> = {
  placement,
  equality,
  sums,
  bf16,
  memory,
  benchmark,
};

const STEPS = 10;

/** Checks the driver, the devices, and that a compiled step runs on the device. */
async function placement(kind: Kind): Promise<Found> {
  return found(kind, "NVIDIA driver", "devices", "a compiled training step");
}

/** Checks NCCL's sums over all GPUs, or the sums of two processes. */
async function sums(kind: Kind): Promise<Found> {
  return found(kind, "NCCL", "two processes");
}

async function found(kind: Kind, ...names: string[]): Promise<Found> {
  const results: Record<string, string> = {};
  for (const [name, find] of deviceChecks(kind, packageRoot()))
    if (names.includes(name)) results[name] = await find();
  return results;
}

interface Steps {
  /** The median time of a step. */
  readonly ms: number;
  /** The loss of the last step. */
  readonly loss: number;
}

/** Runs some steps of a benchmark's model. */
async function steps(size: Size, precision: Precision = "32-true"): Promise<Steps> {
  const { module } = subject(readModel(size));
  const options = { ...trainerOptions(readModel(size).bench), precision };
  const { times, loss } = await timeSteps(module, options, STEPS, {});
  return { ms: round(median(times), 2), loss };
}

/** The largest relative difference of a loss after `STEPS` steps in float32 on two devices, and in TF32 or bfloat16 from float32. */
const [FLOAT32, LOWER] = [1e-3, 2e-2];

function requireClose(found: number, expected: number, most: number): number {
  const difference = Math.abs(found / expected - 1);
  if (difference <= most) return difference;
  throw new Error(`the loss is ${found}, but should be ${expected} within ${most}`);
}

/** Compares the loss after some steps with that of the processor, also in TF32, which TensorFlow uses where a GPU has it. */
async function equality(kind: Kind): Promise<Found> {
  const { loss: expected } = stepsAlone("cpu", "small");
  const exact = stepsAlone(kind, "small", { NVIDIA_TF32_OVERRIDE: "0" });
  const usual = stepsAlone(kind, "small");
  return {
    loss: exact.loss,
    cpu_loss: expected,
    relative_difference: requireClose(exact.loss, expected, FLOAT32),
    tf32_relative_difference: requireClose(usual.loss, expected, LOWER),
  };
}

/** Compares steps in bfloat16 with steps in float32. */
async function bf16(kind: Kind): Promise<Found> {
  configureEngine({ device: kind });
  const problem = bfloat16Problem();
  if (problem) throw new Skipped(problem);
  const [full, half] = [await steps("medium"), await steps("medium", "bf16-mixed")];
  const difference = requireClose(half.loss, full.loss, LOWER);
  return { float32_ms: full.ms, bf16_ms: half.ms, relative_difference: difference };
}

/** The share of the GPU's memory that `memory` may use, the values of one of its tensors, and the tolerance of the limit. */
const [SHARE, VALUES, TOLERANCE] = [0.2, 2 ** 26, 1.1];

/** Checks that the process cannot use more than its share of the GPU's memory, and goes on after it has used it. */
async function memory(kind: Kind): Promise<Found> {
  if (kind === "cpu") throw new Skipped("only a GPU's memory has a limit");
  configureEngine({ device: "gpu", memoryFraction: SHARE });
  const most = TOLERANCE * SHARE * largestMemory();
  const held: tf.Tensor[] = [];
  const bytes = () => 4 * VALUES * held.length;
  try {
    while (bytes() <= most) held.push(tf.tidy(() => tf.add(tf.zeros([VALUES]), held.length)));
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    const reached = bytes();
    tf.dispose(held);
    const [one] = tf.tidy(() => tf.add(1, 0).dataSync());
    if (one !== 1) throw new Error(`after the error, 1 + 0 is ${one}`);
    return { held_bytes: reached, share: SHARE, message: error.message };
  }
  throw new Error(`the process holds ${bytes()} bytes, more than the share ${SHARE} of the GPU's memory`);
}

/** Returns the memory of the largest GPU in bytes, from the driver's tool. */
function largestMemory(): number {
  const query = ["--query-gpu=memory.total", "--format=csv,noheader,nounits"];
  const mebibytes = execFileSync("nvidia-smi", query, { encoding: "utf8" }).trim().split("\n").map(Number);
  return 2 ** 20 * Math.max(...mebibytes);
}

/** Times a step against PyTorch on the same device. Each runs alone, because TensorFlow takes all of a GPU's memory. */
async function benchmark(kind: Kind): Promise<Found> {
  const { ms } = stepsAlone(kind, "medium");
  const { GRADBOOK_TORCH_PYTHON: python } = process.env;
  if (!python)
    return { gradbook_ms: ms, torch: "not run: GRADBOOK_TORCH_PYTHON names no Python with PyTorch" };
  const script = join(packageRoot(), "bench", "peer", "torch_step.py");
  const size = ["--mode", "merged", "--model", modelFile("medium"), "--steps", String(STEPS)];
  const device = ["--device", kind === "gpu" ? "cuda" : "cpu"];
  const torch = JSON.parse(execFileSync(python, [script, ...size, ...device], { encoding: "utf8" })) as {
    ms: number;
  };
  return { gradbook_ms: ms, torch_ms: torch.ms, ratio: round(torch.ms / ms, 2) };
}

/** Runs some steps in another process. */
function stepsAlone(kind: Kind, size: Size, more: NodeJS.ProcessEnv = {}): Steps {
  const env = { ...process.env, ...more, ...(kind === "cpu" ? { CUDA_VISIBLE_DEVICES: "-1" } : {}) };
  const args = ["--import", "tsx", __filename, "steps", kind, size];
  const output = execFileSync(process.execPath, args, { encoding: "utf8", env });
  return JSON.parse(output.trim().split("\n").at(-1)!) as Steps;
}

/** Prints the result of a part as JSON, or with `steps` that of some steps. */
async function main(what: string, kind: Kind, size: Size): Promise<void> {
  if (what === "steps") {
    configureEngine({ device: kind });
    console.log(JSON.stringify(await steps(size)));
    return;
  }
  const status = await PARTS[what]!(kind).then(
    (found) => ({ status: "passed", found }),
    (error: Error) =>
      error instanceof Skipped
        ? { status: "not run", reason: error.message }
        : { status: "failed", reason: error.message },
  );
  console.log(JSON.stringify(status));
}

if (require.main === module) void main(process.argv[2]!, process.argv[3] as Kind, process.argv[4] as Size);
