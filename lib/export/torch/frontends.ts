import { adaptationKernels } from "../../base/dsp/adaptation";
import { raisedCosines } from "../../base/dsp/raised-cosines";
import { tf } from "../../engine";
import { conv } from "../../model/frontend";
import { da, temporalBasis } from "../../model/frontend/da";
import { learnableTemporal } from "../../model/frontend/learnable-temporal";
import { lowPassMatrix } from "../../model/frontend/low-pass";
import { below, scoped } from "../../nn";
import { optionsOf } from "../../nn/component";
import { kernel } from "../../nn/kernel";
import { convBlock } from "./conv-block";
import { conv3d } from "./layers";
import { identity, type TorchModule, torchModule } from "./module";
import { NORMS } from "./norms";
import type { Stage, StageInput } from "./stage";

/** `frontend.type` → frontend. */
export const FRONTENDS: Readonly<Record<string, Stage>> = {
  none: () => undefined,
  da: ({ params, at, input }) => {
    const o = optionsOf(da, params, at);
    const { fast, slow } = adaptationKernels(o);
    // Taps beyond the first frame see only zeros.
    const taps = Math.min(fast.length, input.time);
    const kernels = [fast, slow].map((byLag) => byLag.slice(0, taps).reverse());
    return torchModule("Adaptation", [o.alpha, Math.max(0, o.beta), taps], {
      tensors: { kernels: tf.tensor2d(kernels) },
    });
  },
  conv: ({ params, at, input, get }) => {
    const { out_channels, ...block } = optionsOf(conv, params, at);
    return convBlock(block, out_channels, input.channels, at, get).module;
  },
  temporal_basis: ({ params, at, get }) => {
    const o = optionsOf(temporalBasis, params, at);
    const byLag = raisedCosines(o);
    const taps = byLag[0]!.length;
    const kernels = o.causal ? byLag.map((series) => [...series].reverse()) : byLag;
    const past = o.causal ? taps - 1 : Math.floor((o.history_bins + 1) / 2);
    const norm = o.batch_norm
      ? NORMS.batch!({}, below(at, "norm"), byLag.length, scoped(get, "norm"))!
      : identity;
    return torchModule("TemporalBasis", [byLag.length, taps, past, o.chomp ?? 0], {
      tensors: { kernels: tf.tensor2d(kernels) },
      parts: { norm },
    });
  },
  learnable_temporal: temporalFilters,
};

function temporalFilters({ params, at, input, get }: StageInput): TorchModule {
  const o = optionsOf(learnableTemporal, params, at);
  const weights = scoped(get, "temporal_conv");
  const filters = kernel([o.kernel_size, 1, 1, 1, o.num_channels], o).effective(weights);
  const bias = o.bias ? weights("bias") : undefined;
  if (!o.split_MP) return conv3d(filters, bias);
  const [ofResidual, ofLow] = tf.split(filters, 2, 4) as tf.Tensor5D[];
  const [ofResidualBias, ofLowBias] = bias ? tf.split(bias, 2) : [];
  const { height, width } = input;
  return torchModule("SplitTemporal", [height, width], {
    tensors: { rows: tf.tensor2d(lowPassMatrix(height)), columns: tf.tensor2d(lowPassMatrix(width)) },
    parts: { of_residual: conv3d(ofResidual!, ofResidualBias), of_low: conv3d(ofLow!, ofLowBias) },
  });
}
