import { z } from "zod";
import { check } from "../../lib/config";
import { componentOf, norms, planActivation, planConvBlock, pools } from "../../lib/nn";
import { convBlockOptions } from "../../lib/nn/conv-block";
import { windowMask, windowOptions } from "../../lib/nn/window";
import { testCases } from "./coverage";
import { expectClose, type GoldenCase } from "./golden";
import { at, comparePlan, inputShape } from "./plans";

/** Parameters that the surroundings give, not the configuration. */
const DERIVED = ["in_channels", "out_channels", "output_channels", "training"];

function block(golden: GoldenCase): Promise<void> {
  const own = Object.entries(golden.params).filter(([key]) => !DERIVED.includes(key));
  const options = check(z.strictObject(convBlockOptions), Object.fromEntries(own), "golden");
  const { plan } = planConvBlock(options, golden.params.out_channels as number, inputShape(golden), at);
  return comparePlan(golden, plan);
}

testCases("conv", 17, (golden) => {
  if (golden.outputs.output) return block(golden);
  const { kernel_size, ...rest } = golden.params;
  const { aa_window, aa_window_kwargs } = check(z.strictObject(windowOptions), rest, "golden");
  expectClose(
    "mask",
    windowMask(kernel_size as number[], aa_window, aa_window_kwargs.power),
    golden.outputs.mask!,
  );
});

testCases("conv_block", 4, block);

testCases("norms", 14, (golden) => {
  const { norm_type, norm_params } = golden.params;
  const norm = componentOf(norms, norm_type as string, { ...at, path: "norm_type" });
  return comparePlan(golden, norm.plan(norm_params, at, inputShape(golden)));
});

testCases("activations", 19, (golden) => {
  const { act_type, act_params } = golden.params;
  return comparePlan(golden, planActivation(act_type as string, act_params, inputShape(golden), at));
});

testCases("pooling", 6, (golden) => {
  const { type, ...params } = golden.params.pool_params as { type: string };
  return comparePlan(
    golden,
    componentOf(pools, type, { ...at, path: "type" }).plan(params, at, inputShape(golden)).plan,
  );
});
