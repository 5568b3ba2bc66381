import fc from "fast-check";
import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { convnets } from "../../lib/model/convnet";
import { frontends } from "../../lib/model/frontend";
import type { Plan, VideoShape } from "../../lib/nn";
import { newestFrames, newestOf } from "../../lib/nn/newest";
import { createVariables, lookUp } from "../../lib/nn/parameter";

/*
 * A layer that is restricted to its newest output frames must return the frames of the whole layer, with the same
 * gradients, and read no more input frames than it declares.
 */

const AT = { where: "test", path: "" };
const INPUT: VideoShape = { time: 12, height: 9, width: 8, channels: 1 };

const block = fc.record({
  conv_params: fc
    .record({
      time: fc.constantFrom(1, 2, 3),
      dilation: fc.constantFrom(1, 2),
      stride: fc.constantFrom(1, 1, 2),
      type: fc.constantFrom("standard", "depthwise"),
    })
    .map(({ time, dilation, stride, type }) => ({
      type,
      kernel_size: [time, 2, 2],
      dilation: [dilation, 1, 1],
      stride: [stride, 1, 1],
    })),
  norm_type: fc.constantFrom("none", "rms", "layer", "grn", "batch"),
  act_type: fc.constantFrom("relu", "splitrelu", "gelu", "bsoftplus"),
  pool_params: fc.constantFrom(
    null,
    { type: "max", kernel_size: [2, 1, 1], stride: [1, 1, 1] },
    { type: "max", kernel_size: [3, 2, 2], stride: [2, 2, 2], padding: [1, 0, 0] },
    { type: "avg", kernel_size: [2, 1, 1] },
    { type: "aablur", stride: 1 },
    { type: "locatt", chan_window: 1 },
  ),
  causal: fc.boolean(),
});

/** Runs the plan and its restriction to the newest frames on the same numbers. */
function compare(plan: Plan, input: VideoShape, frames: number): { needs: number } {
  const variables = createVariables(plan.weights, 3);
  const weights = lookUp(variables);
  const { plan: part, needs } = newestOf(plan, frames, input.time);
  const { time, height, width, channels } = input;
  const x = tf.randomNormal<tf.Rank.R5>([2, time, height, width, channels], 0, 1, "float32", 7);
  const whole = (x: tf.Tensor5D) => newestFrames(plan.apply(x, weights, { training: false }), frames);
  const restricted = (x: tf.Tensor5D) =>
    newestFrames(part.apply(newestFrames(x, needs), weights, { training: false }), frames);
  expect(needs).toBeLessThanOrEqual(time);
  const numbers = (of: typeof whole) => {
    const weighed = (x: tf.Tensor) => {
      const y = of(x as tf.Tensor5D);
      return tf.sum(tf.mul(y, tf.linspace(-1, 2, y.size).reshape(y.shape)));
    };
    return [of(x), tf.grad(weighed)(x)].map((each) => Array.from(each.dataSync()));
  };
  const [found, expected] = [numbers(restricted), numbers(whole)];
  for (const [i, values] of found.entries()) {
    const scale = Math.max(1, ...expected[i]!.map(Math.abs));
    expect(Math.max(...values.map((value, j) => Math.abs(value - expected[i]![j]!))) / scale).toBeLessThan(
      1e-5,
    );
  }
  expect(part.output.time).toBe(part === plan ? plan.output.time : frames);
  return { needs };
}

test("random convnets give the same output when restricted to the newest frames", () => {
  const cases = fc.record({
    type: fc.constantFrom("cnn", "resnet", "densenet"),
    blocks: fc.array(block, { minLength: 1, maxLength: 3 }),
    frames: fc.constantFrom(1, 2),
  });
  let restricted = 0;
  fc.assert(
    fc.property(cases, ({ type, blocks, frames }) => {
      const params = { channels: blocks.map((_, i) => 2 + i), block_configs: blocks };
      let plan: Plan;
      try {
        plan = convnets[type]!.plan(params, AT, INPUT);
      } catch {
        // The kernel is larger than its input.
        return;
      }
      if (plan.output.time < frames) return;
      if (compare(plan, INPUT, frames).needs < INPUT.time) restricted++;
    }),
    { numRuns: 120, seed: 11 },
  );
  expect(restricted).toBeGreaterThan(20);
});

test.each([
  ["learnable_temporal", { kernel_size: 4, num_channels: 3 }, 4],
  ["learnable_temporal", { kernel_size: 5, num_channels: 4, split_MP: true, aa_signal: true }, 5],
  ["temporal_basis", { history_bins: 5, num_cosine_funcs: 3 }, 6],
  ["temporal_basis", { history_bins: 5, num_cosine_funcs: 3, causal: false, chomp: 2 }, 4],
  ["da", { filter_length: 6 }, 6],
])("%s with %j computes its last frame from the last %i", (type, params, needs) => {
  expect(compare(frontends[type]!.plan(params, AT, INPUT), INPUT, 1).needs).toBe(needs);
});
