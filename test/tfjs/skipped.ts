/**
 * The tests that tfjs-node leaves out on its own addon, by a part of their names: the list in its
 * `tfjs-node/src/run_tests.ts` (Apache-2.0, https://github.com/tensorflow/tfjs), with nothing added and without what our
 * own kernels can. The reasons are in our words.
 */
export const SKIPPED: readonly string[] = [
  // The version of another package.
  "version version",
  // Memory that JavaScript's garbage collector frees.
  "unreliable is true due to both auto gc and string tensors",
  "unreliable is true due to auto gc",
  "complex64 memory",
  // Argument checks that differ in TensorFlow's kernels.
  "depthToSpace test-tensorflow {} throws when blocksize < 2",
  "scatterND test-tensorflow {} should work for 2d",
  "scatterND test-tensorflow {} should work for simple 1d",
  "scatterND test-tensorflow {} should work for multiple 1d",
  "scatterND test-tensorflow {} should sum the duplicated indices",
  "scatterND test-tensorflow {} should work for tensorLike input",
  // A wrong gradient: tfjs's CPU backend divides by the whole window, including padding.
  "avgPool test-tensorflow {} gradient x=[3,3,1] f=[3,3] s=1 p=explicit",
  // Empty outputs, and windows that contain only padding.
  "avgPool3d test-tensorflow {} x=[1,1,1,1,1] f=[1,1,3] s=1 p=valid",
  "pool test-tensorflow {} max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding",
  "pool test-tensorflow {} avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding",
  "conv2dTranspose test-tensorflow {} input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4",
  // Types and ranks that TensorFlow's kernels lack.
  "argmax test-tensorflow {} 6D, axis=0",
  "diag test-tensorflow {} complex",
  "diag test-tensorflow {} bool",
  "leakyrelu test-tensorflow {} int32",
  "step kernel test-tensorflow {} with int32 tensor",
  // Other results for NaN, for a seed and in the last digit.
  "unique test-tensorflow {} 1d tensor with NaN and Infinity",
  "sign test-tensorflow {} basic",
  "sign test-tensorflow {} does not propagate NaNs",
  "sign test-tensorflow {} accepts a tensor-like object",
  "multinomial test-tensorflow {} creates the same data given the same seed",
  "tan test-tensorflow {} numbers exceed float32 precision",
  // Kernels that tfjs-node does not have.
  "maxPoolWithArgmax",
  "bitwiseAnd",
  "raggedGather",
  "raggedRange",
  "raggedTensorToTensor",
  "sparseFillEmptyRows",
  "sparseReshape",
  "sparseSegmentMean",
  "sparseSegmentSum",
  "stringNGrams",
  "stringSplit",
  "stringToHashBucketFast",
  // The exact text of an error of einsum.
  "einsum test-tensorflow {} nonexistent dimension throws error",
  // TensorFlow compares strings for equality only.
  "greaterEqual test-tensorflow {} should support string comparison",
  "greater test-tensorflow {} should support string comparison",
  "lessEqual test-tensorflow {} should support string comparison",
  "less test-tensorflow {} should support string comparison",
];
