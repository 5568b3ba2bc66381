import "@tensorflow/tfjs-backend-webgl";
import * as tf from "@tensorflow/tfjs-core";

const BACKEND = "webgl";

/** The attributes of `pad`. */
interface Padding {
  readonly paddings: readonly [number, number][];
  readonly constantValue: number;
}

/** Makes `pad` work on videos, `[B, T, H, W, C]`, axis by axis: the shaders of tfjs 4.22 compile for at most four axes. */
function padManyAxes(): void {
  const { kernelFunc: few, ...config } = tf.getKernel(tf.PadV2, BACKEND);
  tf.unregisterKernel(tf.PadV2, BACKEND);
  tf.registerKernel({
    ...config,
    kernelFunc: (given) => {
      const x = given.inputs.x as tf.Tensor;
      if (x.rank <= 4) return few(given);
      const { paddings, constantValue } = given.attrs as unknown as Padding;
      return paddings.reduce((y, around, axis) => padAxis(y, axis, around, constantValue), tf.clone(x));
    },
  });
}

function padAxis(x: tf.Tensor, axis: number, [before, after]: [number, number], value: number): tf.Tensor {
  if (before + after === 0) return x;
  const length = x.shape[axis]!;
  const inner = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const lines = tf.reshape(x, [x.size / (length * inner), length, inner]) as tf.Tensor3D;
  const padded = tf.pad3d(
    lines,
    [
      [0, 0],
      [before, after],
      [0, 0],
    ],
    value,
  );
  return tf.reshape(padded, x.shape.with(axis, length + before + after));
}

/** Starts WebGL. */
export async function start(): Promise<boolean> {
  padManyAxes();
  return tf.setBackend(BACKEND);
}
