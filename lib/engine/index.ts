/**
 * Tensors, variables and compiled functions on TensorFlow.
 *
 * @module gradbook/engine
 */

import * as tf from "@tensorflow/tfjs-core";
import { binding, idOf } from "./backend";
import { context, type Device } from "./context";
import { memoryLimit } from "./memory";

/** The types of the tensors' methods (`x.add(y)`), which tfjs-core's main file does not include. */
export type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
export { type Compiled, type CompileOptions, compile, type Given } from "./compile";
export { configureEngine, type Device } from "./context";
export { type Conv3dOptions, conv3d, type Triple } from "./conv3d";
export { OutOfMemoryError, TensorFlowError, TensorFlowNotFound } from "./errors";
export type { Precision, PrecisionName } from "./precision";
export type { OpTime } from "./profile";
export { dropout, StatelessRng } from "./rng";
export type { EngineSettings } from "./settings";
export type { FunctionSummary } from "./summary";
export { valuesOf } from "./values";
/** tfjs's tensor API, on TensorFlow. */
export { tf };

/** Returns the number of live tensors, their bytes (shared memory counts once), and the memory limit in bytes. */
export function memory(): { tensors: number; bytes: number; limit: number } {
  return { tensors: binding.handles.count, bytes: binding.handles.bytes, limit: memoryLimit() };
}

/** Returns the name of the device that holds a tensor, such as `/job:localhost/replica:0/task:0/device:GPU:0`. */
export function deviceOf(tensor: tf.Tensor): string {
  const { c, status, check } = context();
  const device: string = c.handleDevice(binding.handles.get(idOf(tensor)), status);
  check("device of a tensor");
  return device;
}

/** Returns the processors that TensorFlow found. @throws TensorFlowNotFound */
export function devices(): readonly Device[] {
  return context().devices;
}
