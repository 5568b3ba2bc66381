/**
 * The engine in the browser. The bundler puts this module in place of `lib/engine`, so that the models of `lib/` run on the backends of
 * tfjs without a copy of their code.
 */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import "./gradient-kernels";

export { bytesInWords } from "../../lib/engine/bytes";
export { valuesOf } from "../../lib/engine/values";
export { compile } from "./compile";
export { conv3d } from "./conv3d";
export { groupedDots, groupedMatMul } from "./grouped";
export { tf };

/** A browser has no known memory limit. */
export const memoryLimit = (): number => Number.POSITIVE_INFINITY;

/** Returns |x|. */
export const magnitude = <T extends tf.Tensor>(x: T): T => tf.abs(x);

/** The losses that use these functions serve training, which the browser does not do. */
const inTrainingOnly = (name: string) => (): never => {
  throw new Error(`${name} is not available in the browser.`);
};
export const logGamma = inTrainingOnly("logGamma");
export const symmetricEigen = inTrainingOnly("symmetricEigen");
