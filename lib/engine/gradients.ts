import * as tf from "@tensorflow/tfjs-core";

/** What tfjs's engine keeps private: it puts each op that runs under `grad` on the tape that is read backwards. */
interface Tape {
  addTapeNode(kernelName: string, inputs: tf.NamedTensorMap, outputs: tf.Tensor[], ...rest: unknown[]): void;
}

/**
 * tfjs has no gradients for most comparisons and so refuses `where(greater(x, 0), ...)` as soon as the condition depends
 * on what is differentiated. Their result is flat wherever it has a derivative, so for the tape it is a constant. A
 * function that depends on its argument in this way alone stays an error, which gradients of 0 would hide.
 */
const engine = tf.engine() as unknown as Tape;
const addTapeNode = engine.addTapeNode;
engine.addTapeNode = function (this: Tape, kernelName, inputs, outputs, ...rest) {
  if (isComparison(inputs, outputs) && !tf.getGradient(kernelName)) return;
  addTapeNode.call(this, kernelName, inputs, outputs, ...rest);
};

/** Numbers in, booleans out. */
function isComparison(inputs: tf.NamedTensorMap, outputs: tf.Tensor[]): boolean {
  const isBoolean = ({ dtype }: tf.Tensor) => dtype === "bool";
  return outputs.every(isBoolean) && !Object.values(inputs).some(isBoolean);
}

// tfjs's own gradient of `split` fails for a split into one piece, whose gradient is no array.
tf.unregisterGradient("SplitV");
tf.registerGradient({
  kernelName: "SplitV",
  gradFunc: (dy, _saved, { axis }) => ({ x: () => tf.concat(Array.isArray(dy) ? dy : [dy], axis as number) }),
});
