import { z } from "zod";
import { component } from "../component";
import type { VideoShape } from "../shape";
import { affine, affineWeights, eps, normPlan } from "./affine";
import { standardised } from "./layer";

/** Normalises each channel of each sample to mean 0 and variance 1 over time and space (Ulyanov et al. 2016). */
export const instance = component(
  z.strictObject({ eps, affine: z.boolean().default(false) }),
  (options, _at, input: VideoShape) =>
    normPlan(input, affineWeights(options.affine, input.channels), (x, weights) =>
      affine(options.affine, standardised(x, [1, 2, 3], options.eps), weights),
    ),
);
