import { adaptationKernels, adaptationOptions, LEAST_DIVISOR } from "../../base/dsp/adaptation";
import { filteredOverTime } from "./over-time";
import { transform } from "./transform";

/**
 * Applies the dynamical adaptation of cones (Clark et al. 2013), `alpha y / (1 + beta z)`, with a fast and a slow response to the past,
 * and zeros before the first frame. The result has an additional last axis for channels: `[T, ...]` → `[T, ..., 1]`.
 */
export const dacones = transform(adaptationOptions, (x, options) => {
  const { fast, slow } = adaptationKernels(options);
  const past = (t: number, lag: number) => t - lag;
  const y = filteredOverTime(x, [fast], past).values;
  const z = filteredOverTime(x, [slow], past).values;
  const beta = Math.max(0, options.beta);
  const adapted = y.map((response, i) => {
    return (options.alpha * response) / Math.max(1 + beta * z[i]!, LEAST_DIVISOR);
  });
  return { shape: [...x.shape, 1], values: adapted };
});
