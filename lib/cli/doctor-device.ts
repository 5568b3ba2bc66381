import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allot, thisMachine } from "../distributed/devices";
import { Supervisor } from "../distributed/supervisor";
import { compile, configureEngine, deviceOf, devices, tf } from "../engine";

/**
 * A check with its name. It returns what it found, throws an error that describes a fault, and throws `Skipped` when
 * there is nothing to check.
 */
export type DeviceCheck = readonly [name: string, find: () => string | Promise<string>];

const NO_GPU = "there is no GPU to run it on";

/** Thrown by a check that does not apply, with the reason. */
export class Skipped extends Error {}

/**
 * Returns checks of everything that training on a kind of device needs: devices, placement, gradients, sums over
 * processes, the reference numbers.
 *
 * @param project the folder of a clone, which holds the reference numbers
 */
export function deviceChecks(kind: "gpu" | "cpu", project: string): DeviceCheck[] {
  const onKind: DeviceCheck[] = [
    ["devices", () => listDevices(kind)],
    ["a compiled training step", () => compiledStep(kind)],
    [kind === "gpu" ? "NCCL" : "two processes", () => sums(kind)],
    ["reference numbers", () => parity(kind, project)],
  ];
  return kind === "gpu" ? [["NVIDIA driver", driver], ...onKind] : onKind;
}

function driver(): string {
  const query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];
  try {
    return execFileSync("nvidia-smi", query, { encoding: "utf8", stdio: "pipe" })
      .trim()
      .split("\n")
      .join("; ");
  } catch {
    throw new Error(
      "nvidia-smi does not answer: install NVIDIA's driver, or in a container give it the GPUs (--gpus all)",
    );
  }
}

function listDevices(kind: "gpu" | "cpu"): string {
  // Otherwise this process would take all memory, and the processes of the other checks would have none.
  configureEngine({ device: kind, memoryGrowth: true });
  const found = devices().filter(({ type }) => type === kind.toUpperCase());
  return found.map(({ name }) => name.replace(/^.*device:/, "")).join(", ");
}

/**
 * Checks a compiled step with convolution, product, gradients and an update: its device, its speed, and that it learns.
 */
async function compiledStep(kind: "gpu" | "cpu"): Promise<string> {
  const [batch, size] = [64, 512];
  const weight = tf.tidy(() => tf.variable(tf.randomNormal([size, size], 0, 0.05, "float32", 1)));
  const kernel = tf.tidy(() => tf.variable(tf.randomNormal([3, 3, 3, 1, 8], 0, 0.3, "float32", 2)));
  const step = compile((frames: tf.Tensor5D, x: tf.Tensor2D) => {
    const { value, grads } = tf.variableGrads(() => {
      const seen = tf.relu(tf.conv3d(frames, kernel as unknown as tf.Tensor5D, 1, "same"));
      return tf.add(
        tf.mean(tf.square(tf.sub(tf.matMul(x, weight as tf.Tensor2D), 1))),
        tf.mean(seen),
      ) as tf.Scalar;
    }, [weight, kernel]);
    for (const variable of [weight, kernel])
      variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, 1)));
    return value;
  });
  const frames = tf.randomUniform([8, 8, 32, 32, 1], 0, 1, "float32", 3) as tf.Tensor5D;
  const x = tf.randomNormal([batch, size], 0, 1, "float32", 4) as tf.Tensor2D;
  const losses: number[] = [];
  const placed = new Set<string>();
  const begun = performance.now();
  for (let i = 0; i < 10; i++) {
    const loss = await step(frames, x);
    placed.add(deviceOf(weight));
    losses.push(loss.dataSync()[0]!);
    loss.dispose();
  }
  const ms = (performance.now() - begun) / losses.length;
  tf.dispose([frames, x, weight, kernel]);
  step.dispose();
  const elsewhere = [...placed].filter((device) => !device.includes(`device:${kind.toUpperCase()}:`));
  if (elsewhere.length > 0) throw new Error(`the weights are on ${elsewhere.join(", ")}, not on a ${kind}`);
  if (!(losses.at(-1)! < losses[0]!)) throw new Error(`the loss went from ${losses[0]} to ${losses.at(-1)}`);
  return `on ${[...placed][0]!.replace(/^.*device:/, "")}, ${ms.toFixed(1)} ms a step, its loss falls`;
}

/** Checks sums over all GPUs, or over two processes. */
async function sums(kind: "gpu" | "cpu"): Promise<string> {
  const machine = thisMachine();
  const count = kind === "gpu" ? machine.gpus : 2;
  if (count === 0) throw new Error(NO_GPU);
  if (count < 2) throw new Skipped("there is one GPU");
  const logs = mkdtempSync(join(tmpdir(), "gradbook-doctor-"));
  const program = { module: join(__dirname, "doctor-program"), name: "sumOfRanks" };
  try {
    const allotment = allot(count, kind, machine);
    const found = await new Supervisor({ program, data: {}, allotment, logs, watchdog: 60 }).run();
    const { sum, ms, megabytes } = found as { sum: number; ms: number; megabytes: number };
    const expected = (count * (count + 1)) / 2;
    if (sum !== expected)
      throw new Error(`the sum over ${count} processes is ${sum}, but should be ${expected}`);
    return `the sum over ${count} processes is right, ${megabytes} MB in ${ms.toFixed(1)} ms`;
  } finally {
    rmSync(logs, { recursive: true, force: true });
  }
}

/** Runs the tests that compare every component with PyTorch's numbers on this device. */
function parity(kind: "gpu" | "cpu", project: string): string {
  if (kind === "gpu" && thisMachine().gpus === 0) throw new Error(NO_GPU);
  const vitest = join(project, "node_modules", "vitest", "vitest.mjs");
  if (!existsSync(join(project, "test", "parity")) || !existsSync(vitest))
    throw new Skipped("the reference files are in a clone of the repository, with `npm ci`");
  const args = [vitest, "run", "test/parity", "--reporter=./test/parity/reporter.ts"];
  const env = { ...process.env, ...(kind === "cpu" ? { CUDA_VISIBLE_DEVICES: "-1" } : {}) };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    env,
    encoding: "utf8",
  });
  const lines = stdout.trim().split("\n");
  if (status === 0) return lines.at(-1)!;
  const failures = lines.filter((line) => line.startsWith("  ")).slice(0, 5);
  throw new Error([lines.at(-1) || stderr.trim(), ...failures].join("\n"));
}
