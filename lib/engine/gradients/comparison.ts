import * as tf from "@tensorflow/tfjs-core";

/** The private part of tfjs's engine that records each op under `grad` on the tape, which is read backwards. */
interface Tape {
  addTapeNode(kernelName: string, inputs: tf.NamedTensorMap, outputs: tf.Tensor[], ...rest: unknown[]): void;
}

/**
 * tfjs has no gradients for most comparisons and logical ops, and so refuses `where(greater(x, 0), ...)` as soon as the condition depends
 * on what is differentiated. Their result is flat wherever it has a derivative, so for the tape it is a constant. A
 * function that depends on its argument in this way alone stays an error, which gradients of 0 would hide.
 */
export function keepComparisonsOffTheTape(): void {
  const engine = tf.engine() as unknown as Tape;
  const { addTapeNode } = engine;
  engine.addTapeNode = function (this: Tape, kernelName, inputs, outputs, ...rest) {
    // `greaterEqual`, which has a gradient, is on the tape: a logical op of its result must not be.
    const isBoolean = outputs.every(({ dtype }) => dtype === "bool");
    if (isBoolean && !tf.getGradient(kernelName)) return;
    addTapeNode.call(this, kernelName, inputs, outputs, ...rest);
  };
}

/** tfjs's own multiplies by the condition, which makes NaN of an infinite gradient in the branch that was not taken. */
export const selectGradient: tf.GradConfig = {
  kernelName: "Select",
  inputsToSave: ["condition"],
  gradFunc: (given, [condition]) => {
    const dy = given as tf.Tensor;
    return {
      condition: () => tf.zeros(condition!.shape),
      t: () => tf.where(condition!, dy, tf.zerosLike(dy)),
      e: () => tf.where(condition!, tf.zerosLike(dy), dy),
    };
  },
};
