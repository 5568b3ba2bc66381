import * as tf from "@tensorflow/tfjs-core";

/** Gradients of ops that move, repeat or drop elements. */

/** A gradient to the only input of an op, `x`, computed from its shape and the op's attributes. */
const moved = (
  kernelName: string,
  back: (dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap) => tf.Tensor,
  input = "x",
): tf.GradConfig => ({
  kernelName,
  inputsToSave: [input],
  gradFunc: (dy, [x], attrs) => ({ [input]: () => back(dy as tf.Tensor, x!, attrs) }),
});

/**
 * Replaces tfjs's own gradients of `split` and `unstack`, which fail for a single piece, whose gradient is not an
 * array.
 */
const pieces = (dy: tf.Tensor | tf.Tensor[]) => (Array.isArray(dy) ? dy : [dy]);
const split: tf.GradConfig = {
  kernelName: "SplitV",
  gradFunc: (dy, _saved, { axis }) => ({ x: () => tf.concat(pieces(dy), axis as number) }),
};
const unpack: tf.GradConfig = {
  kernelName: "Unpack",
  gradFunc: (dy, _saved, { axis }) => ({ value: () => tf.stack(pieces(dy), axis as number) }),
};

/**
 * Replaces tfjs's own gradient, which drops the gradient of the mirrored border instead of adding it to the elements
 * inside.
 */
const mirrorPad = moved("MirrorPad", (dy, x, attrs) => {
  const { paddings, mode } = attrs as unknown as tf.MirrorPadAttrs;
  // Positions are counted from the border: a reflection leaves the outermost element out.
  const first = mode === "reflect" ? 1 : 0;
  return paddings.reduce((gradient, [before, after], axis) => {
    const length = x.shape[axis]!;
    const [left, middle, right] = tf.split(gradient, [before, length, after], axis) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const fold = (border: tf.Tensor, size: number, start: number) =>
      size === 0 ? undefined : along(axis, tf.reverse(border, axis), start, length - start - size);
    const folded = [fold(left, before, first), fold(right, after, length - first - after)];
    return folded.reduce((sum: tf.Tensor, part) => (part ? tf.add(sum, part) : sum), middle);
  }, dy);
});

/** Adds zeros before and after along one axis. */
function along(axis: number, x: tf.Tensor, before: number, after: number): tf.Tensor {
  return tf.pad(
    x,
    x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
  );
}

/** Takes the diagonal of the gradient `[...shape, ...shape]`: only the diagonal of the matrix depends on x. */
const diag = moved("Diag", (dy, x) => {
  const onDiagonal = Int32Array.from({ length: x.size }, (_, i) => i * (x.size + 1));
  return tf.reshape(tf.gather(tf.reshape(dy, [-1]), tf.tensor1d(onDiagonal, "int32")), x.shape);
});

const flipLeftRight = moved("FlipLeftRight", (dy) => tf.image.flipLeftRight(dy as tf.Tensor4D), "image");

/** Maps `[b, h·s, w·s, c]` → `[b, h, w, s·s·c]`, and the same with channels first. */
const depthToSpace = moved("DepthToSpace", (dy, x, attrs) => {
  const { blockSize: s, dataFormat } = attrs as unknown as tf.DepthToSpaceAttrs;
  const channelsFirst = dataFormat === "NCHW";
  const [b, h, w, c] = (channelsFirst ? [0, 2, 3, 1] : [0, 1, 2, 3]).map((axis) => dy.shape[axis]!) as [
    number,
    number,
    number,
    number,
  ];
  const blocks = channelsFirst ? [b, c, h / s, s, w / s, s] : [b, h / s, s, w / s, s, c];
  const order = channelsFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 2, 4, 5];
  return tf.reshape(tf.transpose(tf.reshape(dy, blocks), order), x.shape);
});

/** The gradients of operations that move, repeat or drop elements. */
export const rearrangementGradients: readonly tf.GradConfig[] = [
  split,
  unpack,
  mirrorPad,
  diag,
  flipLeftRight,
  depthToSpace,
];
