import type { Place, WeightSpec, Weights } from "../nn";

/** A stage as a configuration names it, and the place of its key. */
export interface PlacedStage {
  readonly type: string;
  readonly params: unknown;
  readonly at: Place;
}

/** Sessions with the same stage, by their numbers. */
export interface SessionGroup {
  readonly stage: PlacedStage;
  readonly sessions: readonly number[];
}

/** Groups sessions by the type and the options of their stage. */
export function groupSessions(stages: readonly PlacedStage[]): SessionGroup[] {
  const groups = new Map<string, { stage: PlacedStage; sessions: number[] }>();
  for (const [session, stage] of stages.entries()) {
    const key = JSON.stringify([stage.type, stage.params]);
    const group = groups.get(key) ?? { stage, sessions: [] };
    group.sessions.push(session);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Returns a group's name of a weight, `{number in the group}.{name}`, with the session's number among all sessions. */
export function inSession(name: string, { sessions }: SessionGroup): string {
  const [local = "", ...rest] = name.split(".");
  return [sessions[Number(local)], ...rest].join(".");
}

/** Looks up a group's names among those of all sessions. */
export const inGroup =
  (get: Weights, group: SessionGroup): Weights =>
  (name) =>
    get(inSession(name, group));

/** Returns the weights of all groups under the numbers of their sessions, in the order of sessions. */
export function bySession(
  groups: readonly SessionGroup[],
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
