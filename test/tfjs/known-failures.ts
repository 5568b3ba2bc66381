/** Tests of the gradients of equal values: the operation and the rest of the test's name. */
const TIES: readonly [op: string, test: string][] = [
  ...["maximum", "minimum"].flatMap((op): [string, string][] => [
    [op, "gradients: Tensor1D"],
    [op, "gradients: Tensor2D"],
  ]),
  ...["max", "min"].flatMap((op): [string, string][] => [
    [op, `${op} gradient: 1D, ties`],
    [op, `${op} gradient: ties, 2D, axes=-1, keepDims=false`],
    [op, `${op} gradient: ties, 3D, axes=[1, 2], keepDims=false`],
    [op, `${op} gradient: ties, 4D, axes=[1, 2, 3], keepDims=false`],
    [op, `${op} gradient: ties, 4D, axes=[2, 3], keepDims=true`],
  ]),
];

/**
 * Tests that are expected to fail, by name, each with the reason. Any other failure fails the run, and so does a listed test that passes.
 * The expected numbers of the two `mirrorPad` tests lack the gradient of the values on the mirrored border; central differences and PyTorch
 * agree with our gradient.
 */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  "depthwiseConv2d gradients test-tensorflow {} throws error on dilations > 1": "We have this gradient.",
  ...Object.fromEntries(
    ["grad", "gradient with clones"].map((test) => [
      `mirrorPad test-tensorflow {} ${test}`,
      "tfjs drops what falls on the mirrored border. Ours is the gradient.",
    ]),
  ),
  ...Object.fromEntries(
    TIES.map(([op, test]) => [
      `${op} test-tensorflow {} ${test}`,
      "tfjs gives the whole gradient to each of several equal values, or to the first operand. Ours shares it, as PyTorch does.",
    ]),
  ),
};
