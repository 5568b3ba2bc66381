import { z } from "zod";
import { ConfigError } from "../../base/config";
import { median } from "../median";
import { filter } from "./filter";

const options = z.strictObject({
  /** Percent. */
  threshold: z.number().positive().default(45),
});

/**
 * Keeps frames on which less than a share of a unit's spikes is missing. A unit whose median is at or over the threshold keeps all
 * frames, because its estimate is not informative about single frames.
 */
export const missingPct = filter(options, ({ frames, missingPct: missing }, { threshold }, at) => {
  if (!missing) {
    const message = "reads the covariate missing_pct [frames, units], which the recording does not have";
    throw new ConfigError(at.where, [{ path: at.path, message }]);
  }
  const columns = missing.length / frames;
  const whole = Array.from({ length: columns }, (_, unit) => {
    return median(Float64Array.from({ length: frames }, (_, t) => missing[t * columns + unit]!)) >= threshold;
  });
  const dfs = Float32Array.from({ length: frames * columns }, (_, i) =>
    Number(whole[i % columns]! || missing[i]! < threshold),
  );
  return { dfs, columns };
});
