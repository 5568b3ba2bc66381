import { readFileSync } from "node:fs";
import { z } from "zod";
import { fromJson } from "../../base/files/atomic";
import { fileInside } from "../../base/files/folder";
import { Evaluation, type UnitScores } from "../evaluation";

/** The file in a run's folder that keeps the evaluation of its best checkpoint. */
export const EVALUATION = "evaluation.json";

/** Replaces NaN, which JSON does not support, by null. */
const score = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const scores = z.array(score);
const mean = z.object({ mean: scores, error: scores });
const zMap = z.object({ ms: z.number(), values: scores });
/** The unit and the size of a picture. */
const picture = {
  session: z.string(),
  cid: z.number(),
  height: z.int().positive(),
  width: z.int().positive(),
};
const fills = ({ height, width }: { height: number; width: number }, ...images: readonly number[][]) =>
  images.every(({ length }) => length === height * width);

const schema = z.object({
  // Evaluations of earlier versions lack the states of the recordings.
  recordings: z.record(z.string(), z.object({ bytes: z.number(), modified: z.number() })).default({}),
  checkpoint: z.string(),
  epochs: z.number(),
  rescale: z.string().optional(),
  units: z.array(
    z.object({
      session: z.string(),
      cid: z.number(),
      bitsPerSpike: score,
      rescaledBitsPerSpike: score.optional(),
      bestPossible: score.optional(),
      correlation: score,
      staCorrelation: score,
      explainable: score.optional(),
      ccMax: score.optional(),
      ccAbs: score.optional(),
      ccNorm: score.optional(),
      explained: score.optional(),
      oracle: score.optional(),
      repeats: z.number().optional(),
      repeatBins: z.number().optional(),
      psthCorrelation: score.optional(),
    } satisfies Record<keyof UnitScores, z.ZodType>),
  ),
  spikeTriggered: z.array(
    z
      .object({ ...picture, ms: z.number(), data: scores, model: scores, correlation: score })
      .refine((unit) => fills(unit, unit.data, unit.model)),
  ),
  saccades: z.array(
    z.object({
      session: z.string(),
      count: z.number(),
      ms: z.array(z.number()),
      data: mean,
      model: mean,
      units: z.array(z.object({ cid: z.number(), data: scores, model: scores })),
    }),
  ),
  repeats: z.number(),
  // Evaluations of earlier versions lack the next parts.
  fixations: z
    .array(
      z.object({
        session: z.string(),
        trials: z.number(),
        bins: z.number(),
        ms: z.array(z.number()),
        noiseCorrelation: score,
        units: z.array(z.object({ cid: z.number(), data: scores, model: scores, correlation: score })),
      }),
    )
    .default([]),
  zMaps: z
    .array(
      z
        .object({ ...picture, sta: zMap, ste: zMap })
        .refine((unit) => fills(unit, unit.sta.values, unit.ste.values)),
    )
    .default([]),
  notes: z.array(z.object({ session: z.string(), text: z.string() })).default([]),
});

/** The size of a recording in bytes, and the time of its last change in milliseconds. */
export type RecordingState = z.output<typeof schema>["recordings"][string];

interface KeptEvaluation {
  readonly evaluation: Evaluation;
  readonly rescale: string | undefined;
  /** By the names of the sessions. */
  readonly recordings: Readonly<Record<string, RecordingState | undefined>>;
}

/**
 * Returns the evaluation that a run's folder keeps, its `rescale` option and the states of the recordings at that time, or undefined when it belongs to another
 * checkpoint or time, or cannot be read.
 */
export function keptEvaluation(
  folder: string,
  { checkpoint, epochs }: { checkpoint: string; epochs: number },
): KeptEvaluation | undefined {
  const file = fileInside(folder, EVALUATION);
  const { data: kept } = schema.safeParse(file && fromJson(readFileSync(file, "utf8")));
  if (kept?.checkpoint !== checkpoint || kept.epochs !== epochs) return undefined;
  const { rescale, recordings } = kept;
  return { evaluation: Evaluation.from(kept as unknown as Evaluation), rescale, recordings };
}
