import { z } from "zod";
import { check } from "../../../lib/base/config";
import { planConvBlock } from "../../../lib/nn";
import { componentOf } from "../../../lib/nn/component";
import { planActivation } from "../../../lib/nn/conv-block";
import { convBlockOptions } from "../../../lib/nn/conv-block-options";
import { outerProduct, windowOf, windowOptions } from "../../../lib/nn/kernel";
import { norms } from "../../../lib/nn/norm";
import { pools } from "../../../lib/nn/pool";
import { type Check, expectClose } from "../golden";
import { at, comparePlan, inputShape } from "./plans";
import { convnet } from "./stages";

/** Parameters that the context determines instead of the configuration. */
const DERIVED = ["type", "in_channels", "out_channels", "output_channels", "training"];

export const convBlock: Check = (golden) => {
  const own = Object.entries(golden.params).filter(([key]) => !DERIVED.includes(key));
  const options = check(z.strictObject(convBlockOptions), Object.fromEntries(own), "golden");
  const { plan } = planConvBlock(options, golden.params.out_channels as number, inputShape(golden), at);
  return comparePlan(golden, plan);
};

export const conv: Check = (golden) => {
  if (golden.outputs.output) return convBlock(golden);
  const { kernel_size, ...rest } = golden.params;
  const { aa_window, aa_window_kwargs } = check(z.strictObject(windowOptions), rest, "golden");
  expectClose(
    "mask",
    outerProduct(windowOf(kernel_size as number[], aa_window, aa_window_kwargs.power)),
    golden.outputs.mask!,
  );
};

export const norm: Check = (golden) => {
  const { norm_type, norm_params } = golden.params;
  const found = componentOf(norms, norm_type as string, { ...at, path: "norm_type" });
  return comparePlan(golden, found.plan(norm_params, at, inputShape(golden)));
};

export const activation: Check = (golden) => {
  const { act_type, act_params } = golden.params;
  return comparePlan(golden, planActivation(act_type as string, act_params, inputShape(golden), at));
};

export const pooling: Check = (golden) => {
  if (golden.params.type === "conv_block") return convBlock(golden);
  if (golden.params.type !== undefined) return convnet(golden);
  const { type, ...params } = golden.params.pool_params as { type: string };
  const pool = componentOf(pools, type, { ...at, path: "type" });
  return comparePlan(golden, pool.plan(params, at, inputShape(golden), planConvBlock).plan);
};
