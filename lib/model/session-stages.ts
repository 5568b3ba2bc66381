import { tf } from "../engine";
import { type Place, problemAt, type VideoShape, type WeightSpec, type Weights } from "../nn";
import { locatedBy } from "../nn/shape";
import { given } from "./batch";
import type { PlannedAdapter, PlannedReadouts, UnitFacts } from "./stages";
import { AllUnits } from "./unit-columns";

/** A stage as a configuration names it, and the place of its key. */
export interface PlacedStage {
  readonly type: string;
  readonly params: unknown;
  readonly at: Place;
}

/** Sessions with the same stage, by their numbers. */
interface Group {
  readonly stage: PlacedStage;
  readonly sessions: readonly number[];
}

/** Groups sessions by the type and the options of their stage. */
function grouped(stages: readonly PlacedStage[]): Group[] {
  const groups = new Map<string, { stage: PlacedStage; sessions: number[] }>();
  for (const [session, stage] of stages.entries()) {
    const key = JSON.stringify([stage.type, stage.params]);
    const group = groups.get(key) ?? { stage, sessions: [] };
    group.sessions.push(session);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Plans the adapters of sessions that may differ in type and options. Each kind is applied to the whole batch, and each sample keeps the
 * result of its session's kind.
 *
 * @param planGroup plans the adapters of sessions with the same stage
 * @throws ConfigError when the adapters give frames of different sizes
 */
export function planAdapters(
  stages: readonly PlacedStage[],
  planGroup: (stage: PlacedStage, sessions: number) => PlannedAdapter,
): PlannedAdapter {
  const groups = grouped(stages);
  const plans = groups.map(({ stage, sessions }) => planGroup(stage, sessions.length));
  const [first] = plans as [PlannedAdapter, ...PlannedAdapter[]];
  if (groups.length === 1) return first;
  groups.forEach(({ stage }, g) => {
    const [own, others] = [sizeOf(plans[g]!.output), sizeOf(first.output)];
    if (own !== others)
      throw problemAt(
        stage.at,
        `gives frames of ${own}, but the adapter of the first session gives ${others}; the core is shared, so all adapters need one size`,
      );
  });
  /** For each group, the number of each session within it, and whether the session belongs to it. */
  const tables = groups.map(({ sessions }) => ({
    local: stages.map((_, session) => Math.max(0, sessions.indexOf(session))),
    belongs: stages.map((_, session) => Number(sessions.includes(session))),
  }));
  const chosen = (dataset: tf.Tensor1D, table: readonly number[]) =>
    tf.gather(tf.tensor1d([...table], "int32"), tf.maximum(dataset, tf.scalar(0, "int32"))) as tf.Tensor1D;
  /** Computes each group's result, and keeps that of the sample's own group. */
  const select = <T extends tf.Tensor>(dataset: tf.Tensor1D, of: (g: number, local: tf.Tensor1D) => T): T =>
    groups
      .map((_, g) => of(g, chosen(dataset, tables[g]!.local)))
      .reduce((all, own, g) => {
        const belongs = chosen(dataset, tables[g]!.belongs);
        const mask = tf.reshape(tf.cast(belongs, "bool"), [-1, ...own.shape.slice(1).map(() => 1)]);
        return tf.where(mask, own, all) as T;
      });
  return {
    ...first,
    weights: bySession(groups, plans),
    flops: plans.reduce((sum, plan) => sum + plan.flops, 0),
    apply: (x, dataset, get, mode) =>
      select(given(dataset, "dataset"), (g, local) =>
        plans[g]!.apply(x, local, inGroup(get, groups[g]!), mode),
      ),
    locate: (points, dataset, get) =>
      select(dataset, (g, local) => {
        const { locate, geometry } = plans[g]!;
        if (locate) return locate(points, local, inGroup(get, groups[g]!));
        return locatedBy(geometry, points);
      }),
  };
}

const sizeOf = ({ height, width }: VideoShape) => `${height} × ${width}`;

/**
 * Plans the readouts of sessions that may differ in type and options.
 *
 * @param planGroup plans the readouts of sessions with the same stage, given their numbers of units and facts about them
 * @throws ConfigError when readouts of different kinds share weights between sessions
 */
export function planReadouts(
  stages: readonly PlacedStage[],
  units: readonly number[],
  facts: UnitFacts,
  planGroup: (stage: PlacedStage, units: readonly number[], facts: UnitFacts) => PlannedReadouts,
): PlannedReadouts {
  const groups = grouped(stages);
  const plans = groups.map(({ stage, sessions }) =>
    planGroup(
      stage,
      sessions.map((session) => units[session]!),
      factsOf(facts, sessions),
    ),
  );
  if (groups.length === 1) return plans[0]!;
  const shared = plans.findIndex(({ weights }) => weights.some(({ session }) => session === undefined));
  if (shared >= 0)
    throw problemAt(
      groups[shared]!.stage.at,
      "shares weights between sessions, which readouts of different kinds cannot; give all sessions the same readout",
    );
  /** Computes the columns (or with an axis of 0, the rows) of all units from those of each group, in the order of sessions. */
  const inOrder =
    (of: (plan: PlannedReadouts, get: Weights) => tf.Tensor2D, axis: 0 | 1) =>
    (get: Weights): tf.Tensor2D => {
      const turned = (x: tf.Tensor2D) => (axis === 0 ? tf.transpose(x) : x);
      const parts = groups.map((group, g) => ({
        sessions: group.sessions,
        values: turned(of(plans[g]!, inGroup(get, group))),
      }));
      return turned(new AllUnits(units).join(parts));
    };
  const masked = plans.every(({ masks }) => masks);
  // Readouts of different kinds read the same core, so their features have the same channels.
  const featured = plans.every(({ features }) => features);
  return {
    weights: bySession(groups, plans),
    flops: Math.max(...plans.map((plan) => plan.flops)),
    shiftable: plans.every(({ shiftable }) => shiftable),
    apply: (x, columns, get, mode, offset) =>
      columns.join(
        groups.map((group, g) => {
          const { sessions } = group;
          const own = columns.of(sessions);
          return { sessions, values: plans[g]!.apply(x, own, inGroup(get, group), mode, offset) };
        }),
      ),
    biasOf: (session) => {
      const g = groups.findIndex(({ sessions }) => sessions.includes(session));
      const name = plans[g]!.biasOf(groups[g]!.sessions.indexOf(session));
      return name && inSession(name, groups[g]!);
    },
    ...(featured ? { features: inOrder((plan, get) => plan.features!(get), 1) } : {}),
    ...(masked
      ? {
          masks: {
            apply: inOrder((plan, get) => plan.masks!.apply(get), 0),
            means: inOrder((plan, get) => plan.masks!.means(get), 0),
          },
        }
      : {}),
  };
}

/** Returns the facts about the units of some sessions. */
function factsOf({ coordinates, groups }: UnitFacts, sessions: readonly number[]): UnitFacts {
  const chosen = <T>(of: readonly T[]) => sessions.map((session) => of[session]!);
  return {
    ...(coordinates ? { coordinates: chosen(coordinates) } : {}),
    ...(groups ? { groups: chosen(groups) } : {}),
  };
}

/** Returns a group's name of a weight, `{number in the group}.{name}`, with the session's number among all sessions. */
function inSession(name: string, { sessions }: Group): string {
  const [local = "", ...rest] = name.split(".");
  return [sessions[Number(local)], ...rest].join(".");
}

/** Looks up a group's names among those of all sessions. */
const inGroup =
  (get: Weights, group: Group): Weights =>
  (name) =>
    get(inSession(name, group));

/** Returns the weights of all groups under the numbers of their sessions, in the order of sessions. */
function bySession(
  groups: readonly Group[],
  plans: readonly { readonly weights: readonly WeightSpec[] }[],
): WeightSpec[] {
  const all = plans.flatMap(({ weights }, g) =>
    weights.map((weight) => {
      const name = inSession(weight.name, groups[g]!);
      const seedName = inSession(weight.seedName ?? weight.name, groups[g]!);
      return { ...weight, name, seedName, session: groups[g]!.sessions[weight.session!]! };
    }),
  );
  return all.sort((a, b) => a.session - b.session);
}
