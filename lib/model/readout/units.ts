import { z } from "zod";
import { tf } from "../../engine";
import { below, type Place, prefixed, problemAt, scoped, type WeightSpec, type Weights } from "../../nn";
import { constant, normal, uniformByFanIn } from "../../nn/initializers";
import { mlpOptions, planMlp } from "../../nn/mlp";
import { sessionWeights } from "../../nn/plan";
import { ofSessions, type UnitFacts } from "../stages";

/** A tensor of each session's units that is computed from weights. */
export interface OfUnits {
  readonly weights: readonly WeightSpec[];
  of(weights: Weights): tf.Tensor2D[];
}

/** Sorts weights by session, after those that all sessions share. */
export function bySession(weights: readonly WeightSpec[]): WeightSpec[] {
  return [...weights].sort((a, b) => (a.session ?? -1) - (b.session ?? -1));
}

/** Options that follow from the sessions and the core. Any other value is a warning. */
export const derivedOptions = {
  n_units: z.int().positive().optional(),
  in_channels: z.int().positive().optional(),
};

/** Options of the units' feature weights. */
export const featureOptions = {
  ...derivedOptions,
  /** Units of one group share their feature weights; the groups come with the units. */
  shared_features: z.boolean().default(false),
  /** Whether a learned factor scales the features of each unit, as units with shared features need. */
  scale: z.boolean().default(false),
};

/**
 * Plans the feature weights of each session, `[C, units]`: `{session}.features.weight`, or one column for each group,
 * `shared.features.weight`; with `scale`, times `{session}.features.scale`, `[units]`.
 *
 * @throws ConfigError when features are shared but no groups are given
 */
export function planFeatures(
  o: FeatureOptions,
  at: Place,
  channels: number,
  units: readonly number[],
  facts: UnitFacts,
): OfUnits {
  const features = planUnscaled(o, at, channels, units, facts);
  if (!o.scale) return features;
  const scales = units.flatMap((n, session) =>
    sessionWeights(session, [{ name: "features.scale", shape: [n], initial: constant(1) }]),
  );
  return {
    weights: [...features.weights, ...scales],
    of: (get) => {
      const factors = ofSessions(units, get, "features.scale");
      return features.of(get).map((each, session) => tf.mul(each, factors[session]!));
    },
  };
}

type FeatureOptions = Pick<z.output<z.ZodObject<typeof featureOptions>>, "shared_features" | "scale">;

function planUnscaled(
  { shared_features: shared }: FeatureOptions,
  at: Place,
  channels: number,
  units: readonly number[],
  { groups }: UnitFacts,
): OfUnits {
  const initial = uniformByFanIn(channels);
  if (!shared)
    return {
      weights: units.flatMap((n, session) =>
        sessionWeights(session, [{ name: "features.weight", shape: [channels, n], initial }]),
      ),
      of: (get) => ofSessions<tf.Tensor2D>(units, get, "features.weight"),
    };
  const place = below(at, "shared_features");
  if (!groups)
    throw problemAt(
      place,
      "needs the group of each unit: `unit_groups` in the session files, or `unitGroups` of buildModel; add them, or set shared_features: false",
    );
  const groupsOf = ofEachUnit(groups, units, place, "unitGroups");
  const index = groupsOf.flat();
  const bad = index.find((group) => !Number.isInteger(group) || group < 0);
  if (bad !== undefined) throw problemAt(place, `a group must be a whole number from 0; found ${bad}`);
  return {
    weights: [{ name: "shared.features.weight", shape: [channels, Math.max(...index) + 1], initial }],
    of: (get) => {
      const shared = get("shared.features.weight") as tf.Tensor as tf.Tensor2D;
      return groupsOf.map((own) => tf.gather(shared, tf.tensor1d([...own], "int32"), 1));
    },
  };
}

/** Options of the positions that units look at. */
export const meanOptions = {
  initial_mean_scale: z.number().nonnegative().default(0),
  /** Predicts positions with a network of the units' coordinates, shared by all sessions, instead of a weight for each unit. */
  mean_predictor: z
    .strictObject({
      hidden_dims: z.array(z.int().positive()).default([30]),
      activation: mlpOptions.activation,
    })
    .optional(),
};

type MeanOptions = z.output<z.ZodObject<typeof meanOptions>>;

/**
 * Plans the positions that each session's units look at, `[units, 2]` as (y, x) in pixels from the centre: `{session}.mean`, or a network
 * of the units' coordinates, `position.layers.{i}` (Lurz et al. 2021), whose output is limited to the frame by a tanh.
 *
 * @throws ConfigError when positions are predicted but no coordinates are given
 */
export function planMeans(
  o: MeanOptions,
  at: Place,
  { height, width }: { height: number; width: number },
  units: readonly number[],
  { coordinates }: UnitFacts,
): OfUnits {
  if (!o.mean_predictor) {
    const initial = normal(o.initial_mean_scale);
    return {
      weights: units.flatMap((n, session) =>
        sessionWeights(session, [{ name: "mean", shape: [n, 2], initial }]),
      ),
      of: (get) => ofSessions<tf.Tensor2D>(units, get, "mean"),
    };
  }
  const place = below(at, "mean_predictor");
  if (!coordinates)
    throw problemAt(
      place,
      "needs the position of each unit: `unit_coordinates` in the session files, or `unitCoordinates` of buildModel; add them, or leave mean_predictor out",
    );
  const rows = ofEachUnit(coordinates, units, place, "unitCoordinates").flat();
  const dimensions = rows[0]!.length;
  if (dimensions === 0 || rows.some((row) => row.length !== dimensions))
    throw problemAt(place, "needs the same number of coordinates for each unit, at least one");
  const { hidden_dims, activation } = o.mean_predictor;
  const network = planMlp(
    dimensions,
    {
      dims: [...hidden_dims, 2],
      activation,
      bias: true,
      residual: false,
      last_layer_activation: false,
      dropout: 0,
    },
    place,
  );
  return {
    weights: prefixed("position", network.weights),
    of: (get) => {
      const known = tf.tensor2d(rows.map((row) => [...row]));
      const place = network.apply(known, scoped(get, "position"), { training: false });
      const limited = tf.mul<tf.Tensor2D>(tf.tanh(place), [(height - 1) / 2, (width - 1) / 2]);
      return tf.split(limited, [...units], 0);
    },
  };
}

function ofEachUnit<T>(
  facts: readonly (readonly T[])[],
  units: readonly number[],
  at: Place,
  name: string,
): readonly (readonly T[])[] {
  const found = facts.map((session) => session.length);
  if (String(found) === String(units)) return facts;
  throw problemAt(
    at,
    `${name} are for [${found}] units, but the sessions have [${units}]; give one entry for each unit`,
  );
}
