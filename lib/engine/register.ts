import * as tf from "@tensorflow/tfjs-core";
import { convolutionGradients, einsumGradient } from "./gradients/contraction";
import { cumulativeGradients } from "./gradients/cumulative";
import {
  activationGradientKernels,
  activationGradients,
  kinkGradients,
  powerGradients,
} from "./gradients/elementwise";
import { imageGradients } from "./gradients/image";
import { indexingGradients } from "./gradients/indexing";
import { rearrangementGradients } from "./gradients/rearrangement";
import {
  extremumGradients,
  keepComparisonsOffTheTape,
  reductionGradients,
  selectGradient,
} from "./gradients/reduction";
import { convolutionKernels, fusedConvolutionKernels } from "./kernels/convolution";
import { imageKernels } from "./kernels/image";
import { gatherKernel, roundKernel, searchKernels, stridedSliceGradKernel } from "./kernels/indexing";
import { poolKernels } from "./kernels/pool";
import { batchNormKernel, einsumKernel, sumKernel } from "./kernels/reduction";
import { logGammaGradient, logGammaKernels } from "./log-gamma";
import { mulNoNanGradient, mulNoNanKernel } from "./mul-no-nan";

/** The kernels that tfjs-node lacks or that replace its own. */
const KERNELS: readonly tf.KernelConfig[] = [
  ...activationGradientKernels,
  batchNormKernel,
  ...convolutionKernels,
  einsumKernel,
  ...fusedConvolutionKernels,
  gatherKernel,
  ...imageKernels,
  ...logGammaKernels,
  mulNoNanKernel,
  ...poolKernels,
  roundKernel,
  ...searchKernels,
  stridedSliceGradKernel,
  sumKernel,
];

/** The gradients that tfjs-core lacks or computes wrongly. Like tfjs's own, they work on every backend. */
const GRADIENTS: readonly tf.GradConfig[] = [
  ...activationGradients,
  ...convolutionGradients,
  ...cumulativeGradients,
  einsumGradient,
  ...extremumGradients,
  ...imageGradients,
  ...indexingGradients,
  ...kinkGradients,
  logGammaGradient,
  mulNoNanGradient,
  ...powerGradients,
  ...rearrangementGradients,
  ...reductionGradients,
  selectGradient,
];

/** Registers the engine's kernels and gradients in place of those of tfjs. */
export function registerOps(): void {
  for (const kernel of KERNELS) {
    const { kernelName, backendName } = kernel;
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel(kernel);
  }
  for (const gradient of GRADIENTS) {
    if (tf.getGradient(gradient.kernelName)) tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  keepComparisonsOffTheTape();
}
