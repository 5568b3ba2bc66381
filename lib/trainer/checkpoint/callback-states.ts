import type { Callback, FitContext } from "../../protocols/callback";
import type { ProcessGroup } from "../distributed/process-group";
import type { CallbackState } from "./state";

type Key = Required<Omit<CallbackState, "state">>;

/** Returns the states of callbacks for a checkpoint. */
export function statesOf(callbacks: readonly Callback[]): CallbackState[] {
  return keyed(callbacks).flatMap(({ callback, ...key }) =>
    callback.state ? [{ ...key, state: callback.state() }] : [],
  );
}

/**
 * Restores the states of a checkpoint. Callbacks that the earlier run did not have start from their initial state.
 *
 * @returns a warning for each state that matches no callback, because its class no longer exists or its metric or mode
 * has changed
 */
export function restoreStates(
  callbacks: readonly Callback[],
  states: readonly CallbackState[],
  context: FitContext,
): string[] {
  const now = keyed(callbacks);
  const taken = new Set<CallbackState>();
  for (const { callback, ...key } of now) {
    const saved = states.find((each) => idOf(each) === idOf(key)) ?? unnamed(callback, states, now);
    if (!saved) continue;
    taken.add(saved);
    callback.restore?.(saved.state, context);
  }
  return states
    .filter((each) => !taken.has(each))
    .map(
      (each) =>
        `the state of ${inWords(each)} in the checkpoint matches no current callback, so it is not restored`,
    );
}

/**
 * Gives the callbacks that write checkpoints the state of rank 0, whose folder has the files that they kept, so that all processes decide
 * alike when to save.
 */
export async function adoptKept(
  callbacks: readonly Callback[],
  group: Pick<ProcessGroup, "rank" | "exchange">,
  context: FitContext,
): Promise<void> {
  for (const callback of callbacks) {
    if (!callback.checkpoints || !callback.state || !callback.restore) continue;
    const [state] = await group.exchange(callback.state());
    if (group.rank > 0) callback.restore(state, context);
  }
}

/** The states of callbacks before their first fit, as JSON. */
const initial = new WeakMap<Callback, string>();

/**
 * Resets callbacks to their state before their first fit, so that an object can be used for several fits. Records the
 * state of callbacks that have not been in a fit.
 *
 * @param resumed whether the fit continues from a checkpoint, whose states are restored instead
 */
export function prepareStates(callbacks: readonly Callback[], resumed: boolean, context: FitContext): void {
  for (const callback of callbacks) {
    if (!callback.state || !callback.restore) continue;
    const known = initial.get(callback);
    const state = known ?? JSON.stringify(callback.state());
    if (state !== undefined) initial.set(callback, state);
    if (known !== undefined && !resumed) callback.restore(JSON.parse(known), context);
  }
}

/**
 * Returns the state of a callback in a checkpoint of version 0.1, which numbered the callbacks of a class and did not
 * name their metrics. The state is known only if the number of callbacks of the class is unchanged.
 */
function unnamed(
  callback: Callback,
  states: readonly CallbackState[],
  now: readonly { name: string; callback: Callback }[],
): CallbackState | undefined {
  const { name } = callback.constructor;
  const saved = states.filter((each) => each.name === name && each.monitor === undefined);
  const all = now.filter((each) => each.name === name);
  return saved.length === all.length ? saved[all.findIndex((each) => each.callback === callback)] : undefined;
}

/** Returns the key of a callback in a checkpoint, as JSON. */
export function keyOf(callback: Callback, callbacks: readonly Callback[]): string {
  return idOf(keyed(callbacks)[callbacks.indexOf(callback)]!);
}

const idOf = ({ name, monitor, mode, number }: CallbackState | Key) =>
  JSON.stringify([name, monitor, mode, number]);

const inWords = ({ name, monitor, mode }: CallbackState) =>
  monitor ? `${name} (${[monitor, mode].filter(Boolean).join(", ")})` : name;

function keyed(callbacks: readonly Callback[]): (Key & { callback: Callback })[] {
  const seen = new Map<string, number>();
  return callbacks.map((callback) => {
    const { monitor = null, mode = null } = callback;
    const { name } = callback.constructor;
    const kind = JSON.stringify([name, monitor, mode]);
    const number = seen.get(kind) ?? 0;
    seen.set(kind, number + 1);
    return { name, monitor, mode: monitor === null ? null : mode, number, callback };
  });
}
