import * as tf from "@tensorflow/tfjs-core";

/**
 * The gradient kernels of TensorFlow that models call by name, composed for tfjs's backends. `kept` is the output of the function.
 */
const GRADIENTS: Readonly<Record<string, (dy: tf.Tensor, kept: tf.Tensor) => tf.Tensor>> = {
  SigmoidGrad: (dy, kept) => tf.mul(dy, tf.mul(kept, tf.sub(1, kept))),
  TanhGrad: (dy, kept) => tf.mul(dy, tf.sub(1, tf.square(kept))),
};

for (const backendName of ["wasm", "webgl", "webgpu"])
  for (const [kernelName, gradient] of Object.entries(GRADIENTS))
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs }) => gradient(inputs.dy as tf.Tensor, inputs.kept as tf.Tensor),
    });
