import { tf } from "../../engine";
import { gaussian } from "../../model/readout/gaussian";
import { gaussian2d } from "../../model/readout/gaussian2d";
import { factorized, linear as linearReadout } from "../../model/readout/linear";
import { planFeatures, planMeans } from "../../model/readout/units";
import type { UnitFacts } from "../../model/stages";
import type { Place, VideoShape, Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { linear } from "./layers";
import { type TorchModule, torchModule } from "./module";

/** The readouts of sessions with the same stage. */
export interface ReadoutInput {
  readonly params: unknown;
  readonly at: Place;
  /** The shape of the core's output. */
  readonly core: VideoShape;
  /** The number of units of each of these sessions, and facts about them. */
  readonly units: readonly number[];
  readonly facts: UnitFacts;
  /** The weights, `{session}.{name}`. */
  readonly get: Weights;
  /** Whether a shifter moves the positions of the units. */
  readonly isShifted: boolean;
}

/** Describes a readout for each session. */
type Readouts = (input: ReadoutInput) => TorchModule[];

/** `readout.type` → readouts. Shared features, factors and predicted positions become values of each unit. */
export const READOUTS: Readonly<Record<string, Readouts>> = {
  linear: ({ params, at, units, get }) => {
    const { bias } = optionsOf(linearReadout, params, at);
    return units.map((n, session) => {
      const weight = get(`${session}.fc.weight`);
      const features = linear(weight, bias ? get(`${session}.fc.bias`) : undefined);
      return torchModule("LinearReadout", [weight.shape[0]!, n], {
        options: bias ? {} : { bias },
        inner: { features },
      });
    });
  },
  factorized: (input) => {
    const o = optionsOf(factorized, input.params, input.at);
    const features = featuresOf(o, input);
    return input.units.map((n, session) => {
      const spatial = input.get(`${session}.spatial`);
      return torchModule("FactorizedReadout", [input.core.channels, spatial.shape[1]!, n], {
        tensors: { features: features[session]!, spatial, bias: biasOf(o, input, session) },
      });
    });
  },
  gaussian: (input) => {
    const o = optionsOf(gaussian, input.params, input.at);
    const [features, means] = [featuresOf(o, input), meansOf(o, input)];
    return input.units.map((n, session) => {
      const [std, theta] = ["std", "theta"].map((name) => input.get(`${session}.${name}`));
      return torchModule(shifting("GaussianReadout", input), [input.core.channels, n], {
        tensors: {
          features: features[session],
          mean: means[session],
          std,
          theta,
          bias: biasOf(o, input, session),
        },
      });
    });
  },
  gaussian2d: (input) => {
    const o = optionsOf(gaussian2d, input.params, input.at);
    const [features, means] = [featuresOf(o, input), meansOf(o, input)];
    return input.units.map((n, session) =>
      torchModule(shifting("PointReadout", input), [input.core.channels, n], {
        tensors: { features: features[session], mean: means[session], bias: biasOf(o, input, session) },
      }),
    );
  },
};

/** Returns the class of a readout whose units have positions. */
const shifting = (callee: string, { isShifted }: ReadoutInput) => (isShifted ? `Shifted${callee}` : callee);

/** Returns the feature weights of each session's units, `[units, channels]`. */
function featuresOf(
  o: Parameters<typeof planFeatures>[0],
  { at, core, units, facts, get }: ReadoutInput,
): tf.Tensor[] {
  const features = planFeatures(o, at, core.channels, units, facts);
  return features.of(get).map((each) => tf.transpose(each));
}

/** Returns the positions of each session's units, `[units, 2]`. */
const meansOf = (o: Parameters<typeof planMeans>[0], { at, core, units, facts, get }: ReadoutInput) =>
  planMeans(o, at, core, units, facts).of(get);

/** Returns the biases of a session's units; 0 for readouts without them. */
const biasOf = ({ bias }: { readonly bias: boolean }, { units, get }: ReadoutInput, session: number) =>
  bias ? get(`${session}.bias`) : tf.zeros([units[session]!]);
