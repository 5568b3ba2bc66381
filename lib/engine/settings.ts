import { writeDouble, writeInt, writeMessage } from "./protobuf";

/** How TensorFlow uses this machine. */
export interface EngineSettings {
  /** `cpu` leaves GPUs alone; `gpu` is an error where there is none. Default `auto`: a GPU when there is one. */
  readonly device?: "auto" | "cpu" | "gpu";
  /** Threads of one operation. Default: all cores, or `TF_NUM_INTRAOP_THREADS`. */
  readonly intraOpThreads?: number;
  /** Operations that run side by side. Default: as many as cores, or `TF_NUM_INTEROP_THREADS`. */
  readonly interOpThreads?: number;
  /** Take a GPU's memory as it is needed instead of nearly all at once. Default false. */
  readonly memoryGrowth?: boolean;
  /** The share of each GPU's memory that may be taken, 0 to 1. Default: nearly all. */
  readonly memoryFraction?: number;
  /**
   * Bytes that tensors and a compiled function's own memory, as estimated from its shapes, may take on the CPU; more is an
   * `OutOfMemoryError` instead of a process that the system ends. Default: the machine's memory, or what its container may use.
   */
  readonly memoryLimit?: number;
}

// Field numbers of ConfigProto and GPUOptions (tensorflow/core/protobuf/config.proto).
const CONFIG = { deviceCount: 1, intraOp: 2, interOp: 5, gpuOptions: 6 } as const;
const GPU = { fraction: 1, growth: 4 } as const;
const ENTRY = { key: 1, value: 2 } as const;

/** The settings as TensorFlow's `ConfigProto`. */
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

/** @throws RangeError that names the setting, what it was and what is allowed */
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
    throw new RangeError(`engine settings: unknown ${unknown.join(", ")}; there are ${known.join(", ")}`);
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
