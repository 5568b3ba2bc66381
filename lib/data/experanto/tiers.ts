import { below } from "../../base/config";
import { NO_TIER, TIERS, tierNumber } from "../tiers";
import type { ScreenTrial } from "./screen";

/** Returns the tier of each trial; undefined when no trial states one. A gray screen, and a trial without a tier, belong to none. */
export function tiersOfTrials(trials: readonly ScreenTrial[]): Int32Array | undefined {
  if (trials.every(({ tier }) => tier === undefined)) return undefined;
  return Int32Array.from(trials, ({ kind, tier, at }) => {
    if (kind === "invalid" || tier === undefined || tier === "blank") return NO_TIER;
    const { where, path } = below(at, "tier");
    return tierNumber(tier, where, path);
  });
}

/** Returns the tier of each frame from intervals whose labels are names of tiers; undefined when no label is one. */
export function tiersOfIntervals(
  labels: ReadonlyMap<string, Float32Array>,
  frames: number,
): Float32Array | undefined {
  const known = [...labels].filter(([label]) => (TIERS as readonly string[]).includes(label));
  if (known.length === 0) return undefined;
  const tiers = new Float32Array(frames).fill(NO_TIER);
  for (const [label, inside] of known)
    for (let t = 0; t < frames; t++) if (inside[t]) tiers[t] = tierNumber(label, "", "");
  return tiers;
}
