import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { ConfigError } from "../base/config";

/** The kind of device to train on. */
export type Accelerator = "auto" | "gpu" | "cpu";
/** The number of devices, "auto" for all, or the numbers of the GPUs. */
export type Devices = number | "auto" | readonly number[];

/** The assignment of devices to local processes. */
export interface Allotment {
  readonly accelerator: "gpu" | "cpu";
  /** The GPU number of each process, or undefined on CPUs. */
  readonly gpus: readonly (number | undefined)[];
  /** The number of cores of each process on CPUs. */
  readonly cores: readonly number[];
}

/** The hardware of a machine. */
export interface Machine {
  readonly gpus: number;
  readonly cores: number;
}

/** Returns the hardware of this machine. */
export function thisMachine(): Machine {
  return { gpus: countGpus(), cores: availableParallelism() };
}

/**
 * Counts the GPUs with the driver's tool, because TensorFlow would allocate their memory to count them. `CUDA_VISIBLE_DEVICES` hides GPUs
 * that it does not list.
 */
function countGpus(): number {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined) return visible.split(",").filter((id) => id !== "" && id !== "-1").length;
  try {
    const list = execFileSync("nvidia-smi", ["--list-gpus"], {
      encoding: "utf8",
      stdio: "pipe",
      timeout: 10_000,
    });
    return list.split("\n").filter((line) => line.startsWith("GPU ")).length;
  } catch {
    return 0;
  }
}

/**
 * Assigns one process to each device. On CPUs, a device is a process with its share of the cores, and "auto" means one.
 *
 * @throws ConfigError for devices that do not exist
 */
export function allot(devices: Devices, accelerator: Accelerator, machine: Machine): Allotment {
  const refuse = (path: string, message: string): never => {
    throw new ConfigError("Trainer", [{ path, message }]);
  };
  if (accelerator === "gpu" && machine.gpus === 0)
    refuse("accelerator", "is gpu, but nvidia-smi lists none on this machine; give cpu or auto");
  const onGpu = accelerator === "gpu" || (accelerator === "auto" && machine.gpus > 0);
  if (onGpu) {
    const ids =
      devices === "auto" ? range(machine.gpus) : typeof devices === "number" ? range(devices) : devices;
    const missing = ids.find((id) => id >= machine.gpus);
    if (missing !== undefined)
      refuse(
        "devices",
        `asks for GPU ${missing}, but this machine has ${machine.gpus}, numbered from 0; give fewer, or accelerator cpu`,
      );
    return { accelerator: "gpu", gpus: ids, cores: [] };
  }
  if (typeof devices === "object")
    refuse(
      "devices",
      `names GPUs ${devices.join(", ")}, but this machine has none; give a number of processes instead`,
    );
  const count = devices === "auto" ? 1 : (devices as number);
  return { accelerator: "cpu", gpus: range(count).map(() => undefined), cores: divide(machine.cores, count) };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Divides cores among processes as evenly as possible, at least one each. */
const divide = (cores: number, processes: number) =>
  range(processes).map((i) => Math.max(1, Math.floor((cores + processes - 1 - i) / processes)));
