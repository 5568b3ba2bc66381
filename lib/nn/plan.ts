import type { tf } from "../engine";
import type { Initializer } from "./initializers";
import { type Newest, newestFrames, newestOf, perFrame } from "./newest";
import { composeGeometry, type Geometry, SAME_PLACE, type VideoShape } from "./shape";

/** The specification of a weight before its tensor exists. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initializer;
  /**
   * Default true. A weight that is not trained is state: it is saved and has no gradient. A layer reads state back from its variable, so that
   * no path of the gradient tape leads from it to the weights.
   */
  readonly trained?: boolean;
  /** Whether the forward passes of a training replace it, like a running mean, which is not a parameter. Default false. */
  readonly statistic?: boolean;
  /** Weights of one layer with the same seed name draw the same numbers. Default: the name. */
  readonly seedName?: string;
  /** The number of the session that has the weight. Default: all sessions share it. */
  readonly session?: number;
  /** The size of the frames of a weight whose last axis holds pixels, such as masks. Default: it has no such axis. */
  readonly frame?: { readonly height: number; readonly width: number };
  /** Returns the weight's name under another session number; defined for weights of a session. */
  nameIn?(session: number): string;
  /** Returns the weight's seed name under another session number. Default: `nameIn`. */
  seedNameIn?(session: number): string;
}

/** A convolution kernel of a layer, for pictures of what it computes. */
export interface LayerKernel {
  /** The name of the layer, such as `layers.0.main.conv`. */
  readonly name: string;
  /** `[time, height, width, in, out]` */
  readonly shape: readonly number[];
  /** Computes the kernel from the weights, window and weight norm included. */
  effective(weights: Weights): tf.Tensor5D;
}

/** Returns the variable of a name. */
export type Weights = (name: string) => tf.Variable;

/** The mode of a forward pass. */
export interface Mode {
  /** Whether dropout is active, and batch norm uses the batch's own statistics and updates the running ones. */
  readonly training: boolean;
  /** Random numbers of this step; a model with dropout or sampled positions needs them in training. */
  readonly rng?: Rng;
  /** @deprecated The former name of `rng`. */
  readonly draws?: Rng;
}

/** The facts about a layer that follow from its options and its input shape. */
export interface PlanFacts<Output = VideoShape> {
  readonly output: Output;
  readonly weights: readonly WeightSpec[];
  /** Operations of one sample's forward pass: two for each multiply-add of convolutions and matrix products. */
  readonly flops: number;
  /** The number of values of one sample that training keeps for the gradient. Default: those of the output. */
  readonly kept?: number;
  readonly geometry: Geometry;
  /** The layer's convolution kernels. Default: none. */
  readonly kernels?: readonly LayerKernel[];
}

/** A layer before it has weights: its facts, and the pure function that applies it to weights. */
export interface Plan<Output = VideoShape> extends PlanFacts<Output> {
  /** Uses only tfjs ops with static shapes and reads no values, so that it can be compiled. */
  apply(x_BTHWC: tf.Tensor5D, weights: Weights, mode: Mode): tf.Tensor5D;
  /** Set for a pooling that takes the largest value of each channel in each window. */
  readonly takesLargest?: true;
  /** Monotonic activations only: the equivalent plan with max pooling applied first, so the activation acts on fewer numbers. */
  behind?(pooling: Plan): Plan;
  /** Restricts the layer to its newest output frames; absent where every output depends on all frames. */
  newest?(frames: number): Newest<Plan>;
}

/** Returns the number of values in one sample. */
export const sizeOf = ({ time, height, width, channels }: VideoShape) => time * height * width * channels;

/** Returns the number of values of one sample that a layer keeps in training. */
export const keptBy = ({ kept, output }: Pick<Plan, "kept" | "output">) => kept ?? sizeOf(output);

/** Returns the plan of a layer without weights. */
export function plainPlan(
  output: VideoShape,
  apply: (x_BTHWC: tf.Tensor5D) => tf.Tensor5D,
  geometry: Geometry = SAME_PLACE,
): Plan {
  return { output, weights: [], flops: 0, geometry, apply };
}

/** Returns the plan of the identity. */
export const identityPlan = (input: VideoShape): Plan => perFrame(plainPlan(input, passOn));

const passOn = (x: tf.Tensor5D) => x;

/** Returns the weights of a layer, named below a prefix. */
export function prefixed(name: string, weights: readonly WeightSpec[]): WeightSpec[] {
  return weights.map((weight) => ({
    ...weight,
    name: `${name}.${weight.name}`,
    seedName: `${name}.${weight.seedName ?? weight.name}`,
    ...(weight.nameIn ? { nameIn: (session: number) => `${name}.${weight.nameIn!(session)}` } : {}),
    ...(weight.seedNameIn
      ? { seedNameIn: (session: number) => `${name}.${weight.seedNameIn!(session)}` }
      : {}),
  }));
}

/** Returns the weights of one session, named below its number. */
export function sessionWeights(session: number, weights: readonly WeightSpec[]): WeightSpec[] {
  return prefixed(String(session), weights).map((weight, i) => ({
    ...weight,
    session,
    nameIn: (other: number) => `${other}.${weights[i]!.name}`,
    seedNameIn: (other: number) => `${other}.${weights[i]!.seedName ?? weights[i]!.name}`,
  }));
}

/** Returns the kernels of a layer, named below a prefix. */
export function prefixedKernels(name: string, kernels: readonly LayerKernel[] = []): LayerKernel[] {
  return kernels.map((kernel) => ({
    name: kernel.name ? `${name}.${kernel.name}` : name,
    shape: kernel.shape,
    effective: (weights) => kernel.effective(scoped(weights, name)),
  }));
}

/** Looks names up below a prefix. */
export function scoped(weights: Weights, name: string): Weights {
  return (inner) => weights(`${name}.${inner}`);
}

/** Consecutive layers, each planned for the output of the previous one. */
export class Chain {
  private readonly stages: Stage[] = [];
  output: VideoShape;

  constructor(private readonly input: VideoShape) {
    this.output = input;
  }

  /** Adds a layer. @param name prefix of the layer's weights */
  add(name: string, plan: (input: VideoShape) => Plan): void {
    const { stages } = this;
    const planned = plan(this.output);
    const last = stages.at(-1);
    if (planned.takesLargest && last?.plan.behind) last.plan = last.plan.behind(planned);
    // An identity layer needs no operations and no memory.
    else if (planned.apply !== passOn) stages.push({ name, plan: planned });
    this.output = planned.output;
  }

  /** Returns the plan of all links together. */
  plan(): Plan {
    const { stages, output, input } = this;
    return {
      ...joined(stages, output),
      newest: (frames) => {
        const restricted: Stage[] = [];
        let wanted = frames;
        for (const [i, { name, plan }] of [...stages.entries()].reverse()) {
          const before = i > 0 ? stages[i - 1]!.plan.output.time : input.time;
          const { plan: part, needs } = newestOf(plan, wanted, before);
          restricted.unshift({ name, plan: part, takes: needs });
          wanted = needs;
        }
        return { plan: joined(restricted, { ...output, time: frames }), needs: wanted };
      },
    };
  }
}

/** One layer of a chain. */
interface Stage {
  readonly name: string;
  plan: Plan;
  /** The number of newest input frames that it uses. Default: all. */
  readonly takes?: number;
}

/** Joins consecutive layers into one. If the last one computes more frames than `output` has, the newest are used. */
function joined(stages: readonly Stage[], output: VideoShape): Plan {
  const step = (x: tf.Tensor5D, { name, plan, takes = x.shape[1] }: Stage, weights: Weights, mode: Mode) =>
    plan.apply(newestFrames(x, takes), scoped(weights, name), mode);
  return {
    output,
    weights: stages.flatMap(({ name, plan }) => prefixed(name, plan.weights)),
    flops: stages.reduce((sum, { plan }) => sum + plan.flops, 0),
    kept: stages.reduce((sum, { plan }) => sum + keptBy(plan), 0),
    geometry: stages.reduce((geometry, { plan }) => composeGeometry(geometry, plan.geometry), SAME_PLACE),
    kernels: stages.flatMap(({ name, plan }) => prefixedKernels(name, plan.kernels)),
    apply: (x, weights, mode) =>
      newestFrames(
        stages.reduce((y, stage) => step(y, stage, weights, mode), x),
        output.time,
      ),
  };
}

/** The random numbers of a training step. They depend only on seed, step and layer. */
export interface Rng {
  /** Returns uniform numbers in [0, 1). @param layer the layer's unique location in the configuration */
  uniform(shape: number[], layer: string): tf.Tensor;
  /** Returns normal numbers with mean 0 and standard deviation 1. */
  normal(shape: number[], layer: string): tf.Tensor;
}

/** @deprecated The former name of {@link Rng}. */
export type DrawsLike = Rng;
