import type { Output, Pointer } from "./capi";
import { checkStatus, context } from "./context";

/** Values for tensors of a graph. */
export interface Feeds {
  readonly outputs: readonly Output[];
  /** A `TF_Tensor*` for each of them. */
  readonly values: readonly Pointer[];
}

/** The buffers of a run that is recorded: `RunOptions` and the `RunMetadata` to fill, as `TF_Buffer*`. */
export interface Recorded {
  readonly options: Pointer;
  readonly metadata: Pointer;
}

/** Runs the graph of a session and returns a `TF_Tensor*` for each fetched tensor; the caller deletes them. */
export type RunGraph = (feeds: Feeds, fetches: readonly Output[], recorded?: Recorded) => Pointer[];

/**
 * Opens a session on a graph, which computes tensors of the graph without making it a function.
 *
 * @param name of the function, for errors
 */
export function inSession<T>(name: string, graph: Pointer, use: (run: RunGraph) => T): T {
  const { c } = context();
  const status = c.newStatus();
  const options = c.newSessionOptions();
  const session = c.newSession(graph, options, status);
  try {
    checkStatus(c, status, name);
    return use(({ outputs, values }, fetches, recorded) => {
      const results: (Pointer | null)[] = new Array(fetches.length).fill(null);
      c.sessionRun(
        session,
        recorded?.options ?? null,
        outputs,
        values,
        outputs.length,
        fetches,
        results,
        fetches.length,
        null,
        0,
        recorded?.metadata ?? null,
        status,
      );
      checkStatus(c, status, name);
      return results as Pointer[];
    });
  } finally {
    c.closeSession(session, status);
    c.deleteSession(session, status);
    c.deleteSessionOptions(options);
    c.deleteStatus(status);
  }
}
