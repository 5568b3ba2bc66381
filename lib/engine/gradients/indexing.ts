import * as tf from "@tensorflow/tfjs-core";

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
/** Returns no gradient for indices. tfjs requests one where they depend on the differentiated tensor. */
const none = (indices: tf.Tensor) => () => tf.zeros(indices.shape);

/**
 * Adds each row's gradient to the row that it was taken from. tfjs's own gradient is wrong for more than one batch
 * dimension, and returns a NaN gradient for the indices.
 */
const gather: tf.GradConfig = {
  kernelName: "GatherV2",
  inputsToSave: ["x", "indices"],
  gradFunc: (dy, [x, indices], attrs) => {
    const { axis: given, batchDims } = attrs as unknown as tf.GatherV2Attrs;
    const [axis] = tf.util.parseAxisParam(given, x!.shape) as [number];
    const batch = x!.shape.slice(0, batchDims);
    const outer = x!.shape.slice(batchDims, axis);
    const inner = x!.shape.slice(axis + 1);
    const length = x!.shape[axis]!;
    const picks = indices!.shape.slice(batchDims);
    const [b, o, i, n] = [batch, outer, inner, picks].map(product) as [number, number, number, number];
    return {
      x: () => {
        const picked = tf.reshape(dy as tf.Tensor, [b, o, n, i]);
        const rows = tf.reshape(o === 1 ? picked : tf.transpose(picked, [0, 2, 1, 3]), [b * n, o * i]);
        const offsets = tf.range(0, b * length, length, "int32");
        const ids = tf.add(tf.reshape(indices!, [b, n]), tf.expandDims(offsets, 1));
        const sums = tf.unsortedSegmentSum(rows, tf.reshape(ids, [b * n]) as tf.Tensor1D, b * length);
        const back = tf.reshape(sums, [b, length, o, i]);
        return tf.reshape(o === 1 ? back : tf.transpose(back, [0, 2, 1, 3]), x!.shape);
      },
      indices: none(indices!),
    };
  },
};

const gatherNd: tf.GradConfig = {
  kernelName: "GatherNd",
  inputsToSave: ["params", "indices"],
  gradFunc: (dy, [params, indices]) => ({
    params: () => tf.scatterND(indices!, dy as tf.Tensor, params!.shape as tf.ShapeMap[tf.Rank]),
    indices: none(indices!),
  }),
};

const scatterNd: tf.GradConfig = {
  kernelName: "ScatterNd",
  inputsToSave: ["indices"],
  gradFunc: (dy, [indices]) => ({
    updates: () => tf.gatherND(dy as tf.Tensor, indices!),
    indices: none(indices!),
  }),
};

const tensorScatterUpdate: tf.GradConfig = {
  kernelName: "TensorScatterUpdate",
  inputsToSave: ["indices", "updates"],
  gradFunc: (dy, [indices, updates]) => ({
    tensor: () => tf.tensorScatterUpdate(dy as tf.Tensor, indices as tf.Tensor2D, tf.zerosLike(updates!)),
    updates: () => tf.gatherND(dy as tf.Tensor, indices!),
    indices: none(indices!),
  }),
};

/** The gradient of `stridedSlice`. `StridedSliceGrad` is a kernel of the engine's backend only. */
const stridedSlice: tf.GradConfig = {
  kernelName: "StridedSlice",
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attrs) => ({
    x: () =>
      tf.engine().runKernel(
        "StridedSliceGrad",
        { dy: dy as tf.Tensor },
        {
          ...attrs,
          inputShape: x!.shape,
        },
      ) as tf.Tensor,
  }),
};

const stridedSliceGrad: tf.GradConfig = {
  kernelName: "StridedSliceGrad",
  gradFunc: (dy, _saved, attrs) => ({
    dy: () => tf.engine().runKernel("StridedSlice", { x: dy as tf.Tensor }, attrs) as tf.Tensor,
  }),
};

/** The gradient of `topk` on the last axis: it returns each value's gradient to the position of the value. */
const topK: tf.GradConfig = {
  kernelName: "TopK",
  inputsToSave: ["x"],
  outputsToSave: [false, true],
  gradFunc: (dys, [x, indices]) => ({
    x: () => {
      const [dy] = dys as tf.Tensor[];
      const places = tf.oneHot(indices as tf.Tensor1D, x!.shape.at(-1)!, 1, 0, "float32");
      return tf.sum(tf.mul(places, tf.expandDims(dy!, -1)), -2);
    },
  }),
};

/** The gradients of operations that select elements. */
export const indexingGradients: readonly tf.GradConfig[] = [
  gather,
  gatherNd,
  scatterNd,
  tensorScatterUpdate,
  stridedSlice,
  stridedSliceGrad,
  topK,
];
