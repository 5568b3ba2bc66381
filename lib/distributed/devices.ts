import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
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

/** The number of GPUs of the machine, once it is known. */
let installed: number | undefined;

/** Counts the GPUs that this process may use. The driver's tool takes long, so it is started once, and only if it can matter. */
function countGpus(): number {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visibleGpus(Number.POSITIVE_INFINITY, visible) === 0) return 0;
  installed ??= installedGpus();
  return visibleGpus(installed, visible);
}

/**
 * Returns the number of GPUs that CUDA makes visible: those that `CUDA_VISIBLE_DEVICES` lists, up to the first that does not exist
 * (https://docs.nvidia.com/cuda/cuda-c-programming-guide, CUDA environment variables).
 *
 * @param installed the number of GPUs of the machine
 * @param visible the value of `CUDA_VISIBLE_DEVICES`: numbers, or UUIDs, which are taken to exist if the machine has a GPU
 */
export function visibleGpus(installed: number, visible: string | undefined): number {
  if (visible === undefined) return installed;
  const ids = visible.split(",").map((id) => id.trim());
  const exists = (id: string) =>
    /^\d+$/.test(id) ? Number(id) < installed : /^(GPU|MIG)-/.test(id) && installed > 0;
  const missing = ids.findIndex((id) => !exists(id));
  return missing < 0 ? ids.length : missing;
}

/**
 * Counts the GPUs with the driver's tool, because TensorFlow would allocate their memory to count them. A container without the tool has
 * the devices' files.
 */
function installedGpus(): number {
  const options = { encoding: "utf8", stdio: "pipe", timeout: 10_000 } as const;
  try {
    const list = execFileSync("nvidia-smi", ["--list-gpus"], options);
    return list.split("\n").filter((line) => line.startsWith("GPU ")).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || !existsSync("/dev")) return 0;
    return readdirSync("/dev").filter((name) => /^nvidia\d+$/.test(name)).length;
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
