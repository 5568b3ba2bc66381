import { writeDouble, writeInt, writeMessage } from "./protobuf";

/** Settings of TensorFlow on this machine. */
export interface EngineSettings {
  /** `cpu` ignores GPUs; `gpu` throws when there is none. Default `auto`: a GPU when there is one. */
  readonly device?: "auto" | "cpu" | "gpu";
  /** The number of threads of one operation. Default: all cores, or `TF_NUM_INTRAOP_THREADS`. */
  readonly intraOpThreads?: number;
  /** The number of operations that run concurrently. Default: the number of cores, or `TF_NUM_INTEROP_THREADS`. */
  readonly interOpThreads?: number;
  /** Allocates a GPU's memory as it is needed instead of nearly all at once. Default false. */
  readonly memoryGrowth?: boolean;
  /** The share of each GPU's memory that may be allocated, 0 to 1. Default: nearly all. */
  readonly memoryFraction?: number;
  /**
   * The limit in bytes of tensors and of a compiled function's own memory (estimated from its shapes) on the CPU. Exceeding it throws an
   * `OutOfMemoryError`, before the operating system kills the process. Default: the memory of the machine or its container.
   */
  readonly memoryLimit?: number;
}

// Field numbers of ConfigProto and GPUOptions (tensorflow/core/protobuf/config.proto).
const CONFIG = { deviceCount: 1, intraOp: 2, interOp: 5, gpuOptions: 6 } as const;
const GPU = { fraction: 1, growth: 4 } as const;
const ENTRY = { key: 1, value: 2 } as const;

/** Encodes the settings as TensorFlow's `ConfigProto`. */
export function toConfigProto(settings: EngineSettings): Buffer {
  const { device, intraOpThreads, interOpThreads, memoryGrowth, memoryFraction } = settings;
  const gpu = [
    ...(memoryFraction === undefined ? [] : [writeDouble(GPU.fraction, memoryFraction)]),
    ...(memoryGrowth ? [writeInt(GPU.growth, true)] : []),
  ];
  const noGpu = [writeMessage(ENTRY.key, Buffer.from("GPU")), writeInt(ENTRY.value, 0)];
  return Buffer.concat([
    ...(device === "cpu" ? [writeMessage(CONFIG.deviceCount, ...noGpu)] : []),
    ...(intraOpThreads === undefined ? [] : [writeInt(CONFIG.intraOp, intraOpThreads)]),
    ...(interOpThreads === undefined ? [] : [writeInt(CONFIG.interOp, interOpThreads)]),
    ...(gpu.length > 0 ? [writeMessage(CONFIG.gpuOptions, ...gpu)] : []),
  ]);
}

/** Checks the settings. @throws RangeError that names the setting, its value and the allowed values */
export function checkSettings(settings: EngineSettings): EngineSettings {
  const known = [
    "device",
    "intraOpThreads",
    "interOpThreads",
    "memoryGrowth",
    "memoryFraction",
    "memoryLimit",
  ];
  const unknown = Object.keys(settings).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new RangeError(`engine settings: unknown ${unknown.join(", ")}; allowed: ${known.join(", ")}`);
  const refuse = (key: keyof EngineSettings, allowed: string) => {
    throw new RangeError(
      `engine settings: ${key} is ${JSON.stringify(settings[key])}, but must be ${allowed}`,
    );
  };
  if (settings.device && !["auto", "cpu", "gpu"].includes(settings.device))
    refuse("device", "auto, cpu or gpu");
  for (const key of ["intraOpThreads", "interOpThreads", "memoryLimit"] as const) {
    const value = settings[key];
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      refuse(key, "a whole number above 0");
  }
  const { memoryFraction } = settings;
  if (memoryFraction !== undefined && !(memoryFraction > 0 && memoryFraction <= 1))
    refuse("memoryFraction", "above 0 and at most 1");
  return settings;
}
