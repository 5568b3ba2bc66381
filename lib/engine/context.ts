import { availableParallelism } from "node:os";
import { type CApi, capi, type Pointer } from "./capi";
import { OutOfMemoryError, RESOURCE_EXHAUSTED, TensorFlowError, TensorFlowNotFound } from "./errors";
import { checkSettings, type EngineSettings, toConfigProto } from "./settings";

/** A processor that TensorFlow computes on. */
export interface Device {
  /** The device's name, such as `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  readonly type: string;
  /** The bytes that TensorFlow may use of a GPU; not meaningful for a CPU. */
  readonly memoryBytes: number;
}

function listDevices(c: CApi, context: Pointer, status: Pointer): Device[] {
  const list: Pointer = c.listDevices(context, status);
  try {
    return Array.from({ length: c.deviceCount(list) }, (_, i) => ({
      name: c.deviceName(list, i, status),
      type: c.deviceType(list, i, status),
      memoryBytes: Number(c.deviceMemory(list, i, status)),
    }));
  } finally {
    c.deleteDevices(list);
  }
}

/**
 * The variables of launchers for the number of a process on its host, and for how many there are. SLURM and Flux give each process its own
 * cores.
 */
const LOCAL: readonly { rank: string; size?: string }[] = [
  { rank: "LOCAL_RANK", size: "LOCAL_WORLD_SIZE" },
  { rank: "OMPI_COMM_WORLD_LOCAL_RANK", size: "OMPI_COMM_WORLD_LOCAL_SIZE" },
  { rank: "MPI_LOCALRANKID", size: "MPI_LOCALNRANKS" },
  { rank: "JSM_NAMESPACE_LOCAL_RANK", size: "JSM_NAMESPACE_LOCAL_SIZE" },
  { rank: "FLUX_TASK_LOCAL_ID" },
  { rank: "SLURM_LOCALID" },
  { rank: "PALS_LOCAL_RANKID", size: "PMI_LOCAL_SIZE" },
];

/**
 * Returns environment variables, read by TensorFlow when it is loaded, that limit a process of a launcher to its share of the
 * host: the GPU of its local rank (unless only one GPU is visible to it), and on CPUs its share of the cores. Variables that are already
 * set stay unchanged.
 *
 * @param cores the number of cores that the process may use
 */
export function shareOf(environment: NodeJS.ProcessEnv, cores: number): Record<string, string> {
  const { CUDA_VISIBLE_DEVICES: visible } = environment;
  const local = LOCAL.find((names) => environment[names.rank] !== undefined);
  const rank = local && Number(environment[local.rank]);
  if (rank === undefined || !Number.isInteger(rank)) return {};
  const processes = Number((local?.size && environment[local.size]) || 1);
  const gpus = visible?.split(",");
  const gpu = gpus === undefined ? String(rank) : gpus.length > 1 ? gpus[rank] : undefined;
  const threads = String(Math.max(1, Math.floor(cores / processes)));
  return {
    ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpu }),
    TF_NUM_INTRAOP_THREADS: environment.TF_NUM_INTRAOP_THREADS ?? threads,
    TF_NUM_INTEROP_THREADS: environment.TF_NUM_INTEROP_THREADS ?? threads,
  };
}

/** TensorFlow's eager context of this process. It is created on first use and kept until the process ends. */
export interface Context {
  c: CApi;
  pointer: Pointer;
  /** The status that synchronous calls write to; asynchronous calls use their own. */
  status: Pointer;
  devices: readonly Device[];
  /** Throws the error that the last synchronous call reported. */
  check(what: string): void;
}

let current: Context | undefined;
let settings: EngineSettings = {};

/** Returns the current settings. */
export const engineSettings = (): EngineSettings => settings;

/**
 * Configures how TensorFlow uses this machine. Call it before the first tensor is made.
 *
 * @throws RangeError for an invalid setting
 * @throws Error when TensorFlow is already running: its threads and devices are fixed then
 * @example
 * configureEngine({ intraOpThreads: 4, memoryLimit: 8e9 });
 */
export function configureEngine(wanted: EngineSettings): void {
  checkSettings(wanted);
  const running = Object.keys(wanted).filter((key) => key !== "memoryLimit");
  if (current && running.length > 0)
    throw new Error(
      `configureEngine: ${running.join(", ")} can only be set before the first tensor is made, and TensorFlow is ` +
        "already running; call it at the top of the program, or restart the kernel.",
    );
  settings = { ...settings, ...wanted };
}

/** Returns the context; the first call creates it. @throws TensorFlowNotFound when the library or a requested GPU is missing */
export function context(): Context {
  current ??= create();
  return current;
}

function create(): Context {
  Object.assign(process.env, shareOf(process.env, availableParallelism()));
  const c = capi();
  const status = c.newStatus();
  const check = (what: string) => checkStatus(c, status, what);
  const options = c.newContextOptions();
  const config = toConfigProto(settings);
  c.contextOptionsSetConfig(options, config, config.length, status);
  check("TensorFlow's settings");
  const pointer = c.newContext(options, status);
  c.deleteContextOptions(options);
  check("TensorFlow's context");
  const devices = listDevices(c, pointer, status);
  if (settings.device === "gpu" && !devices.some(({ type }) => type === "GPU"))
    throw new TensorFlowNotFound(
      'device "gpu" was asked for, but TensorFlow found none: either this is its CPU build, or there is no NVIDIA driver ' +
        '(see `nvidia-smi`). Run `gradbook setup` on a machine with a GPU, or use device "auto" or "cpu".',
    );
  return { c, pointer, status, devices, check };
}

/** Throws the error of a status that is not OK. @throws TensorFlowError, or OutOfMemoryError when resources are exhausted */
export function checkStatus(c: CApi, status: Pointer, what: string): void {
  const code = c.getCode(status);
  if (code === 0) return;
  const message: string = c.message(status);
  if (code === RESOURCE_EXHAUSTED) throw new OutOfMemoryError(what, message);
  throw new TensorFlowError(what, code, message);
}
