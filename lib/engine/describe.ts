import { inspect } from "node:util";
import * as tf from "@tensorflow/tfjs-core";

/** In a list, an object or a log a tensor is its shape and type, where tfjs's class would show its bookkeeping. */
export function describeTensors(): void {
  Object.defineProperty(tf.Tensor.prototype, inspect.custom, { value: description, configurable: true });
}

function description(this: tf.Tensor): string {
  const kind = this instanceof tf.Variable ? `Variable ${this.name}` : "Tensor";
  return `${kind} [${this.shape.join(", ")}] ${this.dtype}${this.isDisposed ? " (disposed)" : ""}`;
}
