import { expect } from "vitest";
import { below } from "../../../lib/base/config/yaml";
import { lagsOf } from "../../../lib/data/session-lags";
import { tf } from "../../../lib/engine";
import { parseModelConfig } from "../../../lib/model";
import { biasForRate } from "../../../lib/model/bias";
import { planHead } from "../../../lib/model/head";
import { planHistories } from "../../../lib/model/history";
import { planOutput } from "../../../lib/model/output";
import { readouts } from "../../../lib/model/readout";
import { gaussianMasks } from "../../../lib/model/readout/gaussian";
import { positionsOf } from "../../../lib/model/readout/gaussian2d";
import { shifters } from "../../../lib/model/shifter";
import type { PlannedReadouts } from "../../../lib/model/stages";
import { AllUnits } from "../../../lib/model/unit-columns";
import { prefixed, scoped, type Weights } from "../../../lib/nn";
import { componentOf } from "../../../lib/nn/component";
import { type Check, expectClose, type GoldenCase } from "../golden";
import { compareWithGolden } from "./differentiate";
import { at, inputShape, modeOf, named, ofOneSession, oneSession } from "./plans";

interface Part {
  type: string;
  params?: Record<string, unknown>;
}

/** Returns the masks and positions of a readout, for the outputs of a case besides the rates. */
function looks(
  golden: GoldenCase,
  plan: PlannedReadouts,
  get: Weights,
  offset?: tf.Tensor2D,
  noise?: tf.Tensor,
): Record<string, tf.Tensor> {
  const { outputs } = golden;
  const { height, width } = inputShape(golden);
  if (outputs.position) {
    const mean = tf.expandDims(get("0.mean"), 0) as tf.Tensor3D;
    const drawn = noise ? tf.add<tf.Tensor3D>(mean, tf.mul(get("0.std"), noise)) : mean;
    const moved = offset ? tf.add<tf.Tensor3D>(drawn, tf.expandDims(offset, 1)) : drawn;
    const position = tf.stack([...positionsOf(moved, height, width)], 2);
    return { position: tf.add(position, tf.zeros(outputs.position.shape)) };
  }
  if (!outputs.mask) return {};
  if (!offset) return { mask: tf.reshape(plan.masks!.apply(get), outputs.mask.shape) };
  const mean = tf.add<tf.Tensor3D>(get("0.mean"), tf.expandDims(offset, 1));
  const masks = gaussianMasks(mean, get("0.std"), get("0.theta"), height, width);
  return { mask: tf.reshape(tf.transpose(masks, [0, 2, 1]), outputs.mask.shape) };
}

export const readout: Check = (golden) => {
  const { type, params, n_units } = golden.params as unknown as Required<Part> & { n_units: number };
  const plan = componentOf(readouts, type, at).plan(params, at, inputShape(golden), [n_units]);
  return compareWithGolden(golden, {
    weights: named(plan.weights),
    constants: ["noise"],
    outputs: ({ input, noise }, weights) => {
      const get = ofOneSession(weights);
      const output = plan.apply(input as tf.Tensor5D, new AllUnits([n_units]), get, modeOf(golden, noise));
      return { output, ...looks(golden, plan, get, undefined, noise) };
    },
  });
};

export const shifter: Check = (golden) => {
  const { shifter: shift, readout: read } = golden.params as unknown as { shifter: Part; readout?: Part };
  const moves = componentOf(shifters, shift.type, at).plan(shift.params, at, 1);
  const offsetOf = (eyepos: tf.Tensor, get: Weights) =>
    moves.apply!(eyepos as tf.Tensor2D, oneSession(eyepos), ofOneSession(get));
  if (!read)
    return compareWithGolden(golden, {
      weights: named(moves.weights),
      outputs: ({ eyepos }, weights) => ({ output: offsetOf(eyepos!, weights) }),
    });
  const units = golden.params.n_units as number;
  const plan = componentOf(readouts, read.type, at).plan(read.params, at, inputShape(golden), [units]);
  return compareWithGolden(golden, {
    weights: [...prefixed("shifter", named(moves.weights)), ...prefixed("readout", named(plan.weights))],
    constants: ["noise"],
    outputs: ({ input, eyepos, noise }, weights) => {
      const offset = offsetOf(eyepos!, scoped(weights, "shifter"));
      const get = ofOneSession(scoped(weights, "readout"));
      const columns = new AllUnits([units]);
      const output = plan.apply(input as tf.Tensor5D, columns, get, modeOf(golden, noise), offset);
      return { output, offset, ...looks(golden, plan, get, offset, noise) };
    },
  });
};

/** Returns the bins before a frame, oldest first. */
function window(golden: GoldenCase): void {
  const { keys_lags, index } = golden.params as { keys_lags: Record<string, number[]>; index: number };
  const [, units] = golden.inputs.robs!.shape as [number, number];
  const row = (t: number) => golden.inputs.robs!.data.slice(t * units, (t + 1) * units);
  const lags = lagsOf({ keys_lags }, "history");
  expectClose(
    "history",
    lags.flatMap((lag) => row(index - lag)),
    golden.outputs.history!,
  );
}

export const spikeHistory: Check = (golden) => {
  const { params } = golden;
  if (params.keys_lags) return window(golden);
  const units = params.n_units as number;
  const encoder = params.history_encoder as Required<Part>;
  if (!params.readout) {
    const plan = planHistories(encoder, [units], at, at);
    return compareWithGolden(golden, {
      weights: named(plan.weights),
      outputs: ({ history }, weights) => ({
        output: plan.apply(
          history as tf.Tensor3D,
          new AllUnits([units]),
          ofOneSession(weights),
          modeOf(golden),
        ),
      }),
    });
  }
  const { model_type, readout, output_activation, baseline, history_encoder } = params;
  const config = parseModelConfig(
    { model_type, readout, output_activation, baseline, history_encoder },
    "golden",
  );
  const head = planHead(config, inputShape(golden), [units], {}, at, [
    { ...config.readout, at: below(at, "readout") },
  ]);
  // `readouts.0.bias` is called `readout.bias` in the case, and so on.
  const inCase = (name: string) =>
    name
      .replace(/^readouts\.0/, "readout")
      .replace("spike_history.0", "spike_history")
      .replace(/^baselines\.0/, "baseline");
  return compareWithGolden(golden, {
    weights: head.weights.map((w) => ({ ...w, name: inCase(w.name) })),
    outputs: ({ input, history }, weights) => ({
      output: head.apply(
        input as tf.Tensor5D,
        { history: history as tf.Tensor3D },
        (name) => weights(inCase(name)),
        modeOf(golden),
        "all",
      ).rate,
    }),
  });
};

export const baseline: Check = (golden) => {
  const config = parseModelConfig({ readout: { type: "linear" }, ...golden.params }, "golden");
  if (golden.outputs.bias) {
    const biases = golden.outputs.mean_rate!.data.map((rate) => biasForRate(config.output_activation, rate));
    expectClose("bias", biases, golden.outputs.bias);
    return;
  }
  expect(config.baseline.enabled).toBe(true);
  const { shape } = golden.weights.baseline!;
  const output = planOutput(config, shape);
  return compareWithGolden(golden, {
    weights: [{ name: "baseline", shape, initial: () => new Float32Array() }],
    outputs: ({ input }, weights) => ({
      output: output.apply(input as tf.Tensor2D, new AllUnits(shape), () => weights("baseline")),
    }),
  });
};
