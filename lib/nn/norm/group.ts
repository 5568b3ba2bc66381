import { z } from "zod";
import { below, problemAt } from "../../base/config";
import { tf } from "../../engine";
import { component } from "../component";
import type { VideoShape } from "../shape";
import { affine, affineWeights, eps, normPlan } from "./affine";
import { standardised } from "./layer";

/** Normalises each group of channels of each sample to mean 0 and variance 1 over channels, time and space (Wu & He 2018). */
export const group = component(
  z.strictObject({ eps, affine: z.boolean().default(true), num_groups: z.int().positive().default(1) }),
  (options, at, input: VideoShape) => {
    const { num_groups: groups } = options;
    const { channels } = input;
    if (channels % groups !== 0)
      throw problemAt(below(at, "num_groups"), `${groups} does not divide the ${channels} channels`);
    return normPlan(input, affineWeights(options.affine, channels), (x, weights) => {
      const [batch, time, height, width] = x.shape;
      const grouped = tf.reshape(x, [batch, time * height * width, groups, channels / groups]);
      const y = tf.reshape(standardised(grouped, [1, 3], options.eps), x.shape) as tf.Tensor5D;
      return affine(options.affine, y, weights);
    });
  },
);
