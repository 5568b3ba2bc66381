import { availableParallelism } from "node:os";
import { type CApi, capi, type Pointer } from "./capi";
import { type Device, listDevices } from "./devices";
import { OutOfMemoryError, RESOURCE_EXHAUSTED, TensorFlowError, TensorFlowNotFound } from "./errors";
import { checkSettings, type EngineSettings, toConfigProto } from "./settings";
import { shareOf } from "./share";

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
        '(`nvidia-smi` tells). Run `gradbook setup` on a machine with a GPU, or use device "auto" or "cpu".',
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
