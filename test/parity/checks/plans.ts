import type { tf } from "../../../lib/engine";
import type { Mode, Plan, VideoShape, Weights } from "../../../lib/nn";
import type { GoldenCase } from "../golden";
import { compareWithGolden } from "./differentiate";

/** Named in errors. */
export const at = { where: "golden", path: "" };

/** The shape of one sample of the case's input. */
export function inputShape({ inputs }: GoldenCase): VideoShape {
  const [, time, height, width, channels] = inputs.input!.shape;
  return { time: time!, height: height!, width: width!, channels: channels! };
}

/** Compares a planned layer: the shape it promises, its outputs and gradients. */
export function comparePlan(golden: GoldenCase, plan: Plan): Promise<void> {
  return compareStage(golden, plan, ({ input }, weights, mode) =>
    plan.apply(input as tf.Tensor5D, weights, mode),
  );
}

/** As `comparePlan`, for a stage that takes more than features. */
export function compareStage(
  golden: GoldenCase,
  plan: Omit<Plan, "apply">,
  apply: (inputs: Record<string, tf.Tensor>, weights: Weights, mode: Mode) => tf.Tensor,
): Promise<void> {
  const { time, height, width, channels } = plan.output;
  const planned = [golden.inputs.input!.shape[0], time, height, width, channels];
  const found = golden.outputs.output!.shape;
  if (String(planned) !== String(found)) throw new Error(`planned ${planned}, the reference gives ${found}`);
  return compareWithGolden(golden, {
    weights: plan.weights,
    outputs: (inputs, weights) => ({
      output: apply(inputs, weights, { training: golden.params.training !== false }),
    }),
  });
}
