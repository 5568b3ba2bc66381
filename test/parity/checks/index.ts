import type { Check } from "../golden";
import { transform } from "./data";
import { baseline, readout, shifter, spikeHistory } from "./heads";
import { activation, conv, convBlock, norm, pooling } from "./layers";
import { model } from "./models";
import { sampler } from "./samplers";
import { adapter, convnet, frontend, modulator, recurrent, vivit } from "./stages";
import { loss, optimizer, regularizer, scheduler } from "./training";

/** The functions that compare the cases of each file. */
export const checks: Record<string, Check | undefined> = {
  activations: activation,
  adapter,
  baseline,
  conv,
  conv_block: convBlock,
  convnets: convnet,
  frontends: frontend,
  losses: loss,
  models: model,
  modulators: modulator,
  norms: norm,
  optimizer,
  pooling,
  pooling_more: pooling,
  readouts: readout,
  readouts_more: readout,
  recurrent,
  regularizers: regularizer,
  samplers: sampler,
  schedulers: scheduler,
  shifter,
  spike_history: spikeHistory,
  split_mp: frontend,
  transforms: transform,
  vivit,
};
