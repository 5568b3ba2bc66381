import { expect } from "vitest";
import { z } from "zod";
import { adaptationKernels, adaptationOptions } from "../../../lib/base/dsp/adaptation";
import { basisOptions, raisedCosines } from "../../../lib/base/dsp/raised-cosines";
import { tf } from "../../../lib/engine";
import { adapters } from "../../../lib/model/adapter";
import { convnets } from "../../../lib/model/convnet";
import { rotaryOfSpace, rotaryOfTime, rotate } from "../../../lib/model/convnet/attention/rotary";
import { planTokenizer, tokenizerOptions } from "../../../lib/model/convnet/attention/tokenizer";
import { frontends } from "../../../lib/model/frontend";
import { splitFrames } from "../../../lib/model/frontend/low-pass";
import { modulators } from "../../../lib/model/modulator";
import { recurrents } from "../../../lib/model/recurrent";
import { type Component, scoped, type WeightSpec } from "../../../lib/nn";
import { componentOf } from "../../../lib/nn/component";
import { createVariables } from "../../../lib/nn/parameter";
import { type Check, expectClose, type GoldenCase } from "../golden";
import { compareWithGolden } from "./differentiate";
import { at, comparePlan, compareStages, inputShape, named, ofOneSession, oneSession } from "./plans";

function found<C extends Component<never[], unknown>>(room: Record<string, C>, { params }: GoldenCase): C {
  return componentOf(room, params.type as string, { ...at, path: "type" });
}

export const adapter: Check = (golden) => {
  const plan = found(adapters, golden).plan(golden.params.params, at, inputShape(golden), 1);
  return compareStages(golden, { ...plan, weights: named(plan.weights) }, ({ input }, weights, mode) => ({
    output: plan.apply(input as tf.Tensor5D, oneSession(input!), ofOneSession(weights), mode),
  }));
};

export const modulator: Check = (golden) => {
  const behaviors = golden.inputs.behavior!.shape[1]!;
  const plan = found(modulators, golden).plan(golden.params.params, at, inputShape(golden), behaviors);
  expect(plan.output.channels).toBe(golden.params.output_channels);
  if (golden.params.initial) expectInitial(plan.weights, golden, /_layer/);
  return compareStages(golden, plan, ({ input, behavior }, weights, mode) => {
    const given = behavior as tf.Tensor2D;
    const { features, auxiliary } = plan.apply(input as tf.Tensor5D, given, weights, mode);
    return { output: features, ...(auxiliary ? { aux: tf.mean(auxiliary) } : {}) };
  });
};

/** Compares the initial weights that are not random with those of a case. */
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

/** Returns the fixed kernels of a frontend by lag. */
function expectKernels({ params, outputs }: GoldenCase): void {
  const options = params.params as Record<string, unknown>;
  if (outputs.Ky) {
    const { fast, slow } = adaptationKernels(adaptationOptions.parse(options));
    expectClose("Ky", fast, outputs.Ky);
    expectClose("Kz", slow, outputs.Kz!);
  }
  if (outputs.basis) {
    const { causal: _, chomp: __, ...basis } = options;
    expectClose("basis", raisedCosines(z.strictObject(basisOptions).parse(basis)).flat(), outputs.basis);
  }
}

export const frontend: Check = (golden) => {
  const { params, outputs } = golden;
  if (params.part === "split")
    return compareWithGolden(golden, {
      weights: [],
      outputs: ({ input }) => {
        const { residual, low } = splitFrames(input as tf.Tensor5D);
        return { output: tf.concat([residual, low], 4) };
      },
    });
  expectKernels(golden);
  const initial = outputs.weight ?? (params.initial ? golden.weights["temporal_conv.weight"] : undefined);
  const shape = golden.inputs.input ? inputShape(golden) : { time: 20, height: 1, width: 1, channels: 1 };
  const plan = found(frontends, golden).plan(params.params, at, shape);
  if (initial) {
    const variables = createVariables(plan.weights, 3);
    expectClose("initial kernel", variables.get("temporal_conv.weight")!.dataSync(), initial);
    for (const variable of variables.values()) variable.dispose();
  }
  if (outputs.output) return comparePlan(golden, plan, ["Ky", "Kz", "basis"]);
};

/** Compares the rotation of an attention core alone: tokens of some heads. */
function rotation(golden: GoldenCase): Promise<void> {
  const { axis, head_dim, grid } = golden.params as {
    axis: string;
    head_dim: number;
    grid?: [number, number];
  };
  const tokens = golden.inputs.input!.shape[2]!;
  const turned =
    axis === "time" ? rotaryOfTime(tokens, head_dim) : rotaryOfSpace(grid![0], grid![1], head_dim);
  return compareWithGolden(golden, {
    weights: [],
    outputs: ({ input }) => ({ output: rotate(input as tf.Tensor4D, turned) }),
  });
}

export const vivit: Check = (golden) => {
  if (golden.params.part === "rotary") return rotation(golden);
  const params = golden.params.params as Record<string, unknown>;
  const plan = found(convnets, golden).plan(params, at, inputShape(golden));
  const tokenizer = planTokenizer(
    tokenizerOptions.parse(params.tokenizer),
    params.embedding_dim as number,
    at,
    inputShape(golden),
  );
  return compareStages(golden, plan, ({ input }, weights, mode) => ({
    output: plan.apply(input as tf.Tensor5D, weights, mode),
    tokens: tokenizer.apply(input as tf.Tensor5D, scoped(weights, "tokenizer")),
  }));
};
