import { tf } from "../engine";
import { problemAt, type Weights } from "../nn";
import {
  bySession,
  groupSessions,
  inGroup,
  inSession,
  type PlacedStage,
  type SessionGroup,
} from "./session-stages";
import type { PlannedReadouts, UnitFacts } from "./stages";
import { AllUnits } from "./unit-columns";

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
  const groups = groupSessions(stages);
  const plans = groups.map(({ stage, sessions }) =>
    planGroup(
      stage,
      sessions.map((session) => units[session]!),
      factsOf(facts, sessions),
    ),
  );
  if (groups.length === 1) return plans[0]!;
  requireOwnWeights(groups, plans);
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
    ...picturesOf(groups, plans, units),
  };
}

function requireOwnWeights(groups: readonly SessionGroup[], plans: readonly PlannedReadouts[]): void {
  const shared = plans.findIndex(({ weights }) => weights.some(({ session }) => session === undefined));
  if (shared < 0) return;
  throw problemAt(
    groups[shared]!.stage.at,
    "shares weights between sessions, which readouts of different kinds cannot; give all sessions the same readout",
  );
}

/** Returns the features and masks of all units, in the order of sessions, if all groups have them. */
function picturesOf(
  groups: readonly SessionGroup[],
  plans: readonly PlannedReadouts[],
  units: readonly number[],
): Pick<PlannedReadouts, "features" | "masks"> {
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
  const features = inOrder((plan, get) => plan.features!(get), 1);
  const masks = {
    apply: inOrder((plan, get) => plan.masks!.apply(get), 0),
    means: inOrder((plan, get) => plan.masks!.means(get), 0),
  };
  return {
    // Readouts of different kinds read the same core, so their features have the same channels.
    ...(plans.every((plan) => plan.features) ? { features } : {}),
    ...(plans.every((plan) => plan.masks) ? { masks } : {}),
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
