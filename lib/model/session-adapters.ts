import { tf } from "../engine";
import { problemAt, type VideoShape } from "../nn";
import { locatedBy } from "../nn/shape";
import { given } from "./batch";
import { bySession, groupSessions, inGroup, type PlacedStage, type SessionGroup } from "./session-stages";
import type { PlannedAdapter } from "./stages";

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
  const groups = groupSessions(stages);
  const plans = groups.map(({ stage, sessions }) => planGroup(stage, sessions.length));
  const [first] = plans as [PlannedAdapter, ...PlannedAdapter[]];
  if (groups.length === 1) return first;
  requireOneSize(groups, plans);
  const select = selectorOf(groups, stages.length);
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

function requireOneSize(groups: readonly SessionGroup[], plans: readonly PlannedAdapter[]): void {
  const others = sizeOf(plans[0]!.output);
  groups.forEach(({ stage }, g) => {
    const own = sizeOf(plans[g]!.output);
    if (own !== others)
      throw problemAt(
        stage.at,
        `gives frames of ${own}, but the adapter of the first session gives ${others}; the core is shared, so all adapters need one size`,
      );
  });
}

const sizeOf = ({ height, width }: VideoShape) => `${height} × ${width}`;

/** Computes a result by each group's stage, and returns for each sample the result of its session's group. */
type Selector = <T extends tf.Tensor>(
  dataset_B: tf.Tensor1D,
  compute: (group: number, local_B: tf.Tensor1D) => T,
) => T;

/** Returns the selector of groups. It gives `compute` the number of each sample's session within the group. */
function selectorOf(groups: readonly SessionGroup[], sessionCount: number): Selector {
  const all = Array.from({ length: sessionCount }, (_, session) => session);
  const tables = groups.map(({ sessions }) => ({
    local: all.map((session) => Math.max(0, sessions.indexOf(session))),
    belongs: all.map((session) => Number(sessions.includes(session))),
  }));
  const lookUp = (dataset: tf.Tensor1D, table: readonly number[]) =>
    tf.gather(tf.tensor1d([...table], "int32"), tf.maximum(dataset, tf.scalar(0, "int32"))) as tf.Tensor1D;
  return <T extends tf.Tensor>(dataset: tf.Tensor1D, compute: (group: number, local: tf.Tensor1D) => T) =>
    groups
      .map((_, g) => compute(g, lookUp(dataset, tables[g]!.local)))
      .reduce((chosen, own, g) => {
        const belongs = lookUp(dataset, tables[g]!.belongs);
        const mask = tf.reshape(tf.cast(belongs, "bool"), [-1, ...own.shape.slice(1).map(() => 1)]);
        return tf.where(mask, own, chosen) as T;
      });
}
