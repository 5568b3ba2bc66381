import { tf } from "../../../lib/engine";
import type { Mode, Plan, VideoShape, WeightSpec, Weights } from "../../../lib/nn";
import type { PlanFacts } from "../../../lib/nn/plan";
import type { GoldenCase } from "../golden";
import { compareWithGolden } from "./differentiate";

/** The name in errors. */
export const at = { where: "golden", path: "" };

/** The shape of one sample of the case's input. */
export function inputShape({ inputs }: GoldenCase): VideoShape {
  const [, time, height, width, channels] = inputs.input!.shape;
  return { time: time!, height: height!, width: width!, channels: channels! };
}

/**
 * Compares a planned layer: its declared shape, its outputs and its gradients.
 *
 * @param elsewhere outputs that are compared separately
 */
export function comparePlan(
  golden: GoldenCase,
  plan: Plan,
  elsewhere: readonly string[] = [],
): Promise<void> {
  const outputs = Object.fromEntries(
    Object.entries(golden.outputs).filter(([name]) => !elsewhere.includes(name)),
  );
  return compareStages({ ...golden, outputs }, plan, ({ input }, weights, mode) => ({
    output: plan.apply(input as tf.Tensor5D, weights, mode),
  }));
}

/** Works as `comparePlan`, for a stage with several inputs or outputs. */
export function compareStages(
  golden: GoldenCase,
  plan: PlanFacts,
  apply: (inputs: Record<string, tf.Tensor>, weights: Weights, mode: Mode) => Record<string, tf.Tensor>,
): Promise<void> {
  const { time, height, width, channels } = plan.output;
  const planned = [golden.inputs.input!.shape[0], time, height, width, channels];
  const found = golden.outputs.output!.shape;
  if (String(planned) !== String(found)) throw new Error(`planned ${planned}, the reference gives ${found}`);
  return compareWithGolden(golden, {
    weights: plan.weights,
    outputs: (inputs, weights) => apply(inputs, weights, modeOf(golden)),
  });
}

/** Returns the mode of a case: training by default, with the noise of the case as random numbers. */
export function modeOf({ params }: GoldenCase, noise?: tf.Tensor): Mode {
  const training = params.training !== false;
  if (!noise) return { training };
  return { training, rng: { normal: () => noise, uniform: () => noise } };
}

/** The golden files hold one session's weights, under names without a session. */
export const ofOneSession = (weights: Weights) => (name: string) => weights(name.replace(/^0\./, ""));
export const named = (weights: readonly WeightSpec[]) =>
  weights.map((w) => ({ ...w, name: w.name.replace(/^0\./, "") }));
/** The session of each sample of a batch. */
export const oneSession = ({ shape }: tf.Tensor) => tf.zeros([shape[0]!], "int32") as tf.Tensor1D;
