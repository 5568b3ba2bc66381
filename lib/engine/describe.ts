import { inspect } from "node:util";
import * as tf from "@tensorflow/tfjs-core";

/** Makes Node print a tensor as its shape and type, in place of the internal fields of tfjs's class. */
export function describeTensors(): void {
  Object.defineProperty(tf.Tensor.prototype, inspect.custom, { value: description, configurable: true });
}

function description(this: tf.Tensor): string {
  const kind = this instanceof tf.Variable ? `Variable ${this.name}` : "Tensor";
  return `${kind} [${this.shape.join(", ")}] ${this.dtype}${this.isDisposed ? " (disposed)" : ""}`;
}
