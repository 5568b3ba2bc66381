import { ConfigError } from "../base/config";

/**
 * The tiers of trials. The covariate `tiers` of a recording holds their positions in this list, so that `train` is 0. The names after
 * `test` are those of the Sensorium competitions, whose responses are withheld, and `oracle`, the repeated stimuli of their recordings.
 */
export const TIERS = [
  "train",
  "validation",
  "test",
  "live_test",
  "final_test",
  "live_test_main",
  "live_test_bonus",
  "final_test_main",
  "final_test_bonus",
  "oracle",
] as const;

/** The value of the covariate `tiers` on frames that belong to no tier. */
export const NO_TIER = -1;

/**
 * Returns the value of the covariate `tiers` for a tier's name; `none` gives -1.
 *
 * @param where the file and @param path the array, for errors
 * @throws ConfigError for an unknown name
 */
export function tierNumber(name: string, where: string, path: string): number {
  const found = (TIERS as readonly string[]).indexOf(name);
  if (found >= 0 || name === "none") return found;
  const message = `has the tier "${name}"; allowed: ${TIERS.join(", ")}, none`;
  throw new ConfigError(where, [{ path, message }]);
}

/** Returns the frames of each tier that occurs. @throws ConfigError for a value that is not the number of a tier */
export function framesByTier(
  tiers: ArrayLike<number>,
  frames: Int32Array,
  where: string,
): ReadonlyMap<string, Int32Array> {
  const found = new Map<string, number[]>();
  for (const frame of frames) {
    const tier = tiers[frame]!;
    if (tier === NO_TIER) continue;
    const name = TIERS[tier];
    if (!name) {
      const message = `is ${tier} at frame ${frame}; allowed: ${TIERS.map((each, i) => `${i} (${each})`).join(", ")}, -1 (none)`;
      throw new ConfigError(where, [{ path: "tiers", message }]);
    }
    if (!found.has(name)) found.set(name, []);
    found.get(name)!.push(frame);
  }
  return new Map([...found].map(([name, list]) => [name, Int32Array.from(list)]));
}
