import * as tf from "@tensorflow/tfjs-core";

/**
 * Computes `image.transform` from ops that have gradients, as `image_ops.h` in TensorFlow's kernels defines it: the
 * output at (x, y) is the image at ((t0 x + t1 y + t2) / k, (t3 x + t4 y + t5) / k), k = t6 x + t7 y + 1.
 *
 * @param image `[b, h, w, c]`
 * @param transforms `[b or 1, 8]`
 * @returns `[b, height, width, c]` of `outputShape`
 */
function sampleTransformed(
  image: tf.Tensor4D,
  transforms: tf.Tensor2D,
  { interpolation, fillMode, fillValue, outputShape }: tf.TransformAttrs,
): tf.Tensor {
  const [, h, w] = image.shape;
  const { x, y } = positions(transforms, outputShape ?? [h, w]);
  const inside = (at: tf.Tensor, length: number) =>
    fillMode === "nearest" ? tf.clipByValue(at, 0, length - 1) : at;
  const [atX, atY] = [inside(x, w), inside(y, h)];
  const pixel = (row: tf.Tensor, column: tf.Tensor) => read(image, row, column, fillValue);
  if (interpolation === "nearest") return pixel(roundAway(atY), roundAway(atX));
  const [left, top] = [tf.floor(atX), tf.floor(atY)];
  const [right, bottom] = [tf.add(left, 1), tf.add(top, 1)];
  const between = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor) =>
    tf.add(a, tf.mul(tf.expandDims(share, -1), tf.sub(b, a)));
  const share = tf.sub(atX, left);
  return between(
    between(pixel(top, left), pixel(top, right), share),
    between(pixel(bottom, left), pixel(bottom, right), share),
    tf.sub(atY, top),
  );
}

/** Computes the position on the image of each output pixel: `[b or 1, height, width]` each. */
function positions(transforms: tf.Tensor2D, [height, width]: [number, number]) {
  const columns = tf.reshape(tf.range(0, width), [1, 1, width]);
  const rows = tf.reshape(tf.range(0, height), [1, height, 1]);
  const t = tf.unstack(transforms, 1).map((value) => tf.reshape(value, [-1, 1, 1]));
  const plane = (a: number, b: number) => tf.add(tf.mul(t[a]!, columns), tf.mul(t[b]!, rows));
  const depth = tf.add(plane(6, 7), 1);
  return {
    x: tf.div(tf.add(plane(0, 1), t[2]!), depth),
    y: tf.div(tf.add(plane(3, 4), t[5]!), depth),
  };
}

/** Returns the image's pixels at integer positions `[b or 1, height, width]`, and `fillValue` outside of the image. */
function read(image: tf.Tensor4D, row: tf.Tensor, column: tf.Tensor, fillValue: number): tf.Tensor {
  const [b, h, w, c] = image.shape;
  const shape = [b, ...row.shape.slice(1)];
  const all = (t: tf.Tensor) => tf.broadcastTo(t, shape);
  const [r, k] = [all(row), all(column)];
  const within = tf.logicalAnd(
    tf.logicalAnd(tf.greaterEqual(r, 0), tf.less(r, h)),
    tf.logicalAnd(tf.greaterEqual(k, 0), tf.less(k, w)),
  );
  // The positions are integers from here on, because float32 counts pixels only up to 2^24.
  const whole = (t: tf.Tensor, length: number) => tf.cast(tf.clipByValue(t, 0, length - 1), "int32");
  const first = tf.reshape(tf.range(0, b * h * w, h * w, "int32"), [b, 1, 1]);
  const at = tf.add(first, tf.add(tf.mul(whole(r, h), tf.scalar(w, "int32")), whole(k, w)));
  const pixels = tf.gather(tf.reshape(image, [b * h * w, c]), at);
  return tf.where(tf.expandDims(within, -1), pixels, tf.fill(pixels.shape, fillValue));
}

/** Rounds like C's `round`: halves away from zero, where tfjs rounds them to even. */
const roundAway = (x: tf.Tensor) => tf.mul(tf.sign(x), tf.floor(tf.add(tf.abs(x), 0.5)));

/**
 * The gradient of `cropAndResize`. Its kernels exist for the engine's backend only. TensorFlow has no gradient to the
 * boxes for "nearest".
 */
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
 * The exact gradients to the image and to the transforms, for `fillMode` "constant" and "nearest". (TensorFlow's own
 * gradient takes the inverse transform of the result's gradient, which is close to the gradient to the image but not
 * equal to it.)
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

/**
 * Computes `tf.grad` inside of a gradient: tfjs drops its tape at the end of the inner gradient, before the outer one
 * has used it.
 */
function vjp(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const { state } = tf.engine();
  const tape = state.activeTape;
  try {
    return tf.grad(f)(x, dy);
  } finally {
    state.activeTape = tape;
  }
}

/** The gradients of image operations. */
export const imageGradients: readonly tf.GradConfig[] = [cropAndResize, transform];
