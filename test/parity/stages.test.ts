import { expect } from "vitest";
import { tf } from "../../lib/engine";
import { biasForRate, parseModelConfig } from "../../lib/model";
import { convnets } from "../../lib/model/convnet";
import { frontends } from "../../lib/model/frontend";
import { addBaseline, OUTPUT_ACTIVATIONS } from "../../lib/model/output";
import { readouts } from "../../lib/model/readout";
import { recurrents } from "../../lib/model/recurrent";
import { type Component, componentOf, createVariables } from "../../lib/nn";
import { testCases } from "./coverage";
import { compareWithGolden } from "./differentiate";
import { expectClose, type GoldenCase } from "./golden";
import { at, comparePlan, inputShape } from "./plans";

function found<C extends Component<never[], unknown>>(room: Record<string, C>, { params }: GoldenCase): C {
  return componentOf(room, params.type as string, { ...at, path: "type" });
}

testCases("convnets", 12, (golden) =>
  comparePlan(golden, found(convnets, golden).plan(golden.params.params, at, inputShape(golden))),
);

testCases("recurrent", 5, (golden) =>
  comparePlan(golden, found(recurrents, golden).plan(golden.params.params, at, inputShape(golden), true)),
);

testCases("frontends", 10, (golden) => {
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
});

testCases("readouts", 6, (golden) => {
  const units = golden.params.n_units as number;
  const shape = inputShape(golden);
  const plan = found(readouts, golden).plan(golden.params.params, at, shape, [units]);
  // The golden files hold one session's readout, under names without a session.
  const own = plan.weights.map((w) => ({ ...w, name: w.name.replace(/^0\./, "") }));
  return compareWithGolden(golden, {
    weights: own,
    outputs: ({ input }, weights) => {
      const get = (name: string) => weights(name.replace(/^0\./, ""));
      const masks = plan.masks
        ? tf.reshape(plan.masks.apply(get), [units, shape.height, shape.width])
        : undefined;
      return { output: plan.apply(input as tf.Tensor5D, get), ...(masks ? { mask: masks } : {}) };
    },
  });
});

testCases("baseline", 11, (golden) => {
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
});
