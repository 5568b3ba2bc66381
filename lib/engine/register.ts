import * as tf from "@tensorflow/tfjs-core";
import { activationGradientKernels, activationGradients } from "./gradients/activation";
import { keepComparisonsOffTheTape, selectGradient } from "./gradients/comparison";
import { convolutionGradients } from "./gradients/convolution";
import { cumulativeGradients } from "./gradients/cumulative";
import { einsumGradient } from "./gradients/einsum";
import { extremumGradients } from "./gradients/extrema";
import { imageGradients } from "./gradients/image";
import { indexingGradients } from "./gradients/indexing";
import { kinkGradients } from "./gradients/kinks";
import { powerGradients } from "./gradients/powers";
import { rearrangementGradients } from "./gradients/rearrangement";
import { reductionGradients } from "./gradients/reduction";
import { batchNormKernel } from "./kernels/batch-norm";
import { convolutionKernels } from "./kernels/convolution";
import { einsumKernel } from "./kernels/einsum";
import { fusedConvolutionKernels } from "./kernels/fused-convolution";
import { gatherKernel } from "./kernels/gather";
import { imageKernels } from "./kernels/image";
import { poolKernels } from "./kernels/pool";
import { roundKernel } from "./kernels/round";
import { searchKernels } from "./kernels/search";
import { stridedSliceGradKernel } from "./kernels/strided-slice-grad";
import { sumKernel } from "./kernels/sum";
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
