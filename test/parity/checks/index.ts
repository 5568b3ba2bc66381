import type { Check } from "../golden";
import { activation, conv, convBlock, norm, pooling } from "./layers";
import { model } from "./models";
import { adapter, baseline, convnet, frontend, modulator, readout, recurrent } from "./stages";
import { loss, optimizer, regularizer, scheduler } from "./training";

/** What compares the cases of each file. */
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
  recurrent,
  regularizers: regularizer,
  schedulers: scheduler,
};
