import * as tf from "@tensorflow/tfjs-core";
import { sampleTransformed } from "./sample-transformed";

/** Its gradient kernels are those of the engine's backend only. TensorFlow has none to the boxes for "nearest". */
const cropAndResize: tf.GradConfig = {
  kernelName: "CropAndResize",
  inputsToSave: ["image", "boxes", "boxInd"],
  gradFunc: (dy, saved, attrs) => {
    const [image, boxes, boxInd] = saved as [tf.Tensor4D, tf.Tensor2D, tf.Tensor1D];
    const { method } = attrs as unknown as tf.CropAndResizeAttrs;
    const inputs = { dy: dy as tf.Tensor, image, boxes, boxInd };
    const run = (name: string) =>
      tf.engine().runKernel(name, inputs, { method, inputShape: image.shape }) as tf.Tensor;
    return {
      image: () => run("CropAndResizeGradImage"),
      boxes: () => (method === "bilinear" ? run("CropAndResizeGradBoxes") : tf.zerosLike(boxes)),
      boxInd: () => tf.zeros(boxInd.shape),
    };
  },
};

/**
 * The exact gradients to the image and to the transforms, for `fillMode` "constant" and "nearest". (TensorFlow's own takes the
 * inverse transform of the result's gradient, which is close to the gradient to the image but not equal to it.)
 */
const transform: tf.GradConfig = {
  kernelName: "Transform",
  inputsToSave: ["image", "transforms"],
  gradFunc: (dy, saved, attrs) => {
    const [image, transforms] = saved as [tf.Tensor4D, tf.Tensor2D];
    const attributes = attrs as unknown as tf.TransformAttrs;
    if (attributes.fillMode !== "constant" && attributes.fillMode !== "nearest")
      throw new Error(
        `The gradient of image.transform is defined for the fill modes "constant" and "nearest", not "${attributes.fillMode}".`,
      );
    const gradient = dy as tf.Tensor;
    return {
      image: () => vjp((x) => sampleTransformed(x as tf.Tensor4D, transforms, attributes), image, gradient),
      transforms: () =>
        vjp((t) => sampleTransformed(image, t as tf.Tensor2D, attributes), transforms, gradient),
    };
  },
};

/** `tf.grad` inside of a gradient: tfjs drops its tape at the end of the inner one, before the outer one has used it. */
function vjp(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const { state } = tf.engine();
  const tape = state.activeTape;
  try {
    return tf.grad(f)(x, dy);
  } finally {
    state.activeTape = tape;
  }
}

export const imageGradients: readonly tf.GradConfig[] = [cropAndResize, transform];
