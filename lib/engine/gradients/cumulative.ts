import "../core-registrations";
import * as tf from "@tensorflow/tfjs-core";

/** Replaces tfjs's own gradient, which transposes its result when the axis is not the last. */
const cumsum: tf.GradConfig = {
  kernelName: "Cumsum",
  gradFunc: (dy, _saved, attrs) => {
    const { axis, exclusive, reverse } = attrs as unknown as tf.CumsumAttrs;
    return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
  },
};

/**
 * Computes the gradient of a cumulative product. With y_k = Π_{j ≤ k} x_j it is dL/dx_i = (Π_{j < i} x_j) s_i, where
 * s_i = dy_i + x_{i+1} s_{i+1}. This avoids a division by x, which may be zero, and takes a few ops for each element of
 * the axis.
 */
const cumprod: tf.GradConfig = {
  kernelName: "Cumprod",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => {
    const { axis: given, exclusive, reverse } = attrs as unknown as tf.CumprodAttrs;
    const [axis] = tf.util.parseAxisParam(given, x!.shape) as [number];
    const forward = (t: tf.Tensor) => (reverse ? tf.reverse(t, axis) : t);
    return {
      x: () => {
        const xs = tf.unstack(forward(x!), axis);
        const dys = tf.unstack(forward(dy as tf.Tensor), axis);
        // An exclusive product is the inclusive one shifted by one element, and so is its gradient.
        const own = exclusive ? [...dys.slice(1), tf.zerosLike(dys[0]!)] : dys;
        const sums: tf.Tensor[] = [];
        for (let i = xs.length - 1; i >= 0; i--) {
          const following = sums[0];
          sums.unshift(following ? tf.add(own[i]!, tf.mul(xs[i + 1]!, following)) : own[i]!);
        }
        const before = tf.cumprod(forward(x!), axis, true, false);
        return forward(tf.mul(before, tf.stack(sums, axis)));
      },
    };
  },
};

const { gradFunc: ofProduct, ...product } = tf.getGradient("Prod");
/** Replaces tfjs's own gradient, which does not support an axis that is counted from the end. */
const prod: tf.GradConfig = {
  ...product,
  gradFunc: (dy, saved, attrs) => {
    const axis = tf.util.parseAxisParam(attrs.axis as number | number[], saved[0]!.shape);
    return ofProduct(dy, saved, { ...attrs, axis });
  },
};

/** The gradients of cumulative sums and products. */
export const cumulativeGradients: readonly tf.GradConfig[] = [cumsum, cumprod, prod];
