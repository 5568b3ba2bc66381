import { expect } from "vitest";
import { tf } from "../../../lib/engine";
import { biasForRate, parseModelConfig } from "../../../lib/model";
import { adapters } from "../../../lib/model/adapter";
import { convnets } from "../../../lib/model/convnet";
import { frontends } from "../../../lib/model/frontend";
import { modulators } from "../../../lib/model/modulator";
import { addBaseline, OUTPUT_ACTIVATIONS } from "../../../lib/model/output";
import { readouts } from "../../../lib/model/readout";
import { recurrents } from "../../../lib/model/recurrent";
import { type Component, componentOf, createVariables, type WeightSpec, type Weights } from "../../../lib/nn";
import { type Check, expectClose, type GoldenCase } from "../golden";
import { compareWithGolden } from "./differentiate";
import { at, comparePlan, compareStage, inputShape } from "./plans";

function found<C extends Component<never[], unknown>>(room: Record<string, C>, { params }: GoldenCase): C {
  return componentOf(room, params.type as string, { ...at, path: "type" });
}

/** The golden files hold one session's weights, under names without a session. */
const ofOneSession = (weights: Weights) => (name: string) => weights(name.replace(/^0\./, ""));
const named = (weights: readonly WeightSpec[]) =>
  weights.map((w) => ({ ...w, name: w.name.replace(/^0\./, "") }));

export const adapter: Check = (golden) => {
  const plan = found(adapters, golden).plan(golden.params.params, at, inputShape(golden), 1);
  return compareStage(golden, { ...plan, weights: named(plan.weights) }, ({ input }, weights, mode) => {
    const dataset = tf.zeros([input!.shape[0]!], "int32") as tf.Tensor1D;
    return plan.apply(input as tf.Tensor5D, dataset, ofOneSession(weights), mode);
  });
};

export const modulator: Check = (golden) => {
  const behaviors = golden.inputs.behavior!.shape[1]!;
  const plan = found(modulators, golden).plan(golden.params.params, at, inputShape(golden), behaviors);
  expect(plan.output.channels).toBe(golden.params.output_channels);
  if (golden.params.initial) expectInitial(plan.weights, golden, /_layer/);
  return compareStage(golden, plan, ({ input, behavior }, weights, mode) =>
    plan.apply(input as tf.Tensor5D, behavior as tf.Tensor2D, weights, mode),
  );
};

/** Holds first weights, those that are not drawn, against a case's. */
function expectInitial(specs: readonly WeightSpec[], golden: GoldenCase, which: RegExp): void {
  const variables = createVariables(
    specs.filter(({ name }) => which.test(name)),
    3,
  );
  expect(variables.size).toBeGreaterThan(0);
  for (const [name, variable] of variables) {
    expectClose(`initial ${name}`, variable.dataSync(), golden.weights[name]!);
    variable.dispose();
  }
}

export const convnet: Check = (golden) =>
  comparePlan(golden, found(convnets, golden).plan(golden.params.params, at, inputShape(golden)));

export const recurrent: Check = (golden) =>
  comparePlan(golden, found(recurrents, golden).plan(golden.params.params, at, inputShape(golden), true));

export const frontend: Check = (golden) => {
  const frontend = found(frontends, golden);
  const initial =
    golden.outputs.weight ?? (golden.params.initial ? golden.weights["temporal_conv.weight"] : undefined);
  const shape = golden.inputs.input ? inputShape(golden) : { time: 20, height: 1, width: 1, channels: 1 };
  const plan = frontend.plan(golden.params.params, at, shape);
  if (initial) {
    const variables = createVariables(plan.weights, 3);
    expectClose("initial kernel", variables.get("temporal_conv.weight")!.dataSync(), initial);
    for (const variable of variables.values()) variable.dispose();
  }
  if (golden.outputs.output) return comparePlan(golden, plan);
};

export const readout: Check = (golden) => {
  const units = golden.params.n_units as number;
  const shape = inputShape(golden);
  const plan = found(readouts, golden).plan(golden.params.params, at, shape, [units]);
  return compareWithGolden(golden, {
    weights: named(plan.weights),
    outputs: ({ input }, weights) => {
      const get = ofOneSession(weights);
      const masks = plan.masks
        ? tf.reshape(plan.masks.apply(get), [units, shape.height, shape.width])
        : undefined;
      return { output: plan.apply(input as tf.Tensor5D, get), ...(masks ? { mask: masks } : {}) };
    },
  });
};

export const baseline: Check = (golden) => {
  const { output_activation, baseline } = parseModelConfig(
    { readout: { type: "linear" }, ...golden.params },
    "golden",
  );
  if (golden.outputs.bias) {
    const biases = golden.outputs.mean_rate!.data.map((rate) => biasForRate(output_activation, rate));
    expectClose("bias", biases, golden.outputs.bias);
    return;
  }
  expect(baseline.enabled).toBe(true);
  return compareWithGolden(golden, {
    weights: [{ name: "baseline", shape: golden.weights.baseline!.shape, initial: () => new Float32Array() }],
    outputs: ({ input }, weights) => ({
      output: addBaseline(
        OUTPUT_ACTIVATIONS[output_activation].apply(input as tf.Tensor2D),
        [weights("baseline")],
        baseline.activation,
      ),
    }),
  });
};
