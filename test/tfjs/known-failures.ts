const withoutOneDnn = process.env.TF_ENABLE_ONEDNN_OPTS === "0";

/**
 * Tests that fail, by name, and why; ARCHITECTURE.md says more. Whatever fails beside them, or is listed and passes,
 * fails the run.
 */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {
  ...(withoutOneDnn && {
    "depthwiseConv2d gradients test-tensorflow {} throws error on dilations > 1":
      "Without oneDNN, TensorFlow refuses the dilated convolution itself, before tfjs can refuse its gradient.",
  }),
};
