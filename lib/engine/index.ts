import * as tf from "@tensorflow/tfjs-core";
import { binding } from "./backend";

export { type Compiled, type CompileOptions, compile, type Given } from "./compile";
export { TensorFlowError } from "./context";
export { type Conv3dOptions, conv3d } from "./conv3d";
export { Draws, dropout } from "./draws";
export { findTensorFlow, TensorFlowNotFound } from "./find";
export { gatherRows, uint8Tensor } from "./resident";
/** tfjs's tensor API, on TensorFlow. */
export { tf };

/** The number of tensors that live in TensorFlow now. */
export function memory(): { tensors: number } {
  return { tensors: binding.handles.count };
}
