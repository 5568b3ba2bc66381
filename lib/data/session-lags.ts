import type { SessionConfig } from "./session-schema";

type Lags = Pick<SessionConfig, "keys_lags">;

/** The parts of a sample that have lags of their own. */
export const SERVED = ["behavior", "dfs", "eyepos", "history", "robs", "stim"] as const;
type Served = (typeof SERVED)[number];

/** Returns the lags of a part of a sample, oldest first; a single number is a single lag. */
export function lagsOf({ keys_lags }: Lags, key: Served): number[] {
  const given = keys_lags[key];
  // A history without its own lags gets those that the model requires.
  if (given === undefined && key === "history") return [];
  return (Array.isArray(given) ? [...given] : [given ?? 0]).sort((a, b) => b - a);
}

/** Returns the longest lag of a session's samples in frames, over all of their parts. */
export const longestLag = ({ config }: { readonly config: Lags }): number =>
  Math.max(...SERVED.flatMap((key) => lagsOf(config, key)));
