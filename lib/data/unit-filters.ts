import { ConfigError } from "../base/config";
import type { SessionConfig } from "./session-schema";

/**
 * Returns a session's configuration with those of its units that are in every list named by `unit_filters`, in the order of `cids`.
 *
 * @param where the session's file, for errors
 * @throws ConfigError when the session does not have a named list, or no unit is in all of them
 */
export function withFilteredUnits(config: SessionConfig, where: string): SessionConfig {
  const { unit_filters = [], cids } = config;
  const missing = unit_filters.filter((name) => config[name] === undefined);
  if (missing.length > 0)
    throw new ConfigError(
      where,
      missing.map((name) => ({
        path: "unit_filters",
        message: `names ${name}, which the session does not list; add \`${name}: [...]\`, the units that pass, or remove it from unit_filters`,
      })),
    );
  const passing = unit_filters.map((name) => new Set(config[name]));
  const kept = cids.filter((cid) => passing.every((list) => list.has(cid)));
  if (kept.length > 0) return kept.length === cids.length ? config : { ...config, cids: kept };
  const message = `none of the session's ${cids.length} units (cids) is in all of ${unit_filters.join(", ")}; remove a list, or remove the session`;
  throw new ConfigError(where, [{ path: "unit_filters", message }]);
}
