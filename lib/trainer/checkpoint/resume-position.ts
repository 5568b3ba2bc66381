import type { Batching, BatchPosition, CheckpointState } from "./state";

/** The position in the data from which a run continues. */
export interface Position {
  readonly feed: BatchPosition;
  readonly within: CheckpointState["within"];
  /** Whether accumulated gradients are to be dropped, because their samples are served again. */
  readonly dropsGradients: boolean;
  /** Warnings about samples that are left out or seen twice, with the reason. */
  readonly warnings: readonly string[];
}

/**
 * Converts the position of a checkpoint in the data to another batch size, number of processes or number of batches per
 * step. Positions are counted in samples, so that each sample of the pass is seen exactly once.
 *
 * @param batchesPerPass batches of this size in a pass over the data; undefined if the source does not state it
 */
export function convertPosition(
  { feed, within, step, batching: before }: Pick<CheckpointState, "feed" | "within" | "step" | "batching">,
  now: Batching,
  batchesPerPass = Number.POSITIVE_INFINITY,
): Position {
  if (!before) return { feed: { ...feed }, within, dropsGradients: false, warnings: [] };
  const warnings = [...changedOrder(feed, before, now), ...changedEpoch(within, before, now)];
  const perBatch = { before: before.batchSize * before.worldSize, now: now.batchSize * now.worldSize };
  if (perBatch.before === perBatch.now && before.perStep === now.perStep)
    return { feed: { ...feed }, within, dropsGradients: false, warnings };
  const accumulated = feed.taken % before.perStep;
  const waiting = Math.min(accumulated, feed.batch);
  if (accumulated > waiting) warnings.push(lostGradients(accumulated - waiting, before));
  const converted = (batches: number) => ((batches - waiting) * perBatch.before) / perBatch.now;
  const [place, placeWithin] = [converted(feed.batch), Math.max(0, converted(within.batches))];
  const batch = Math.floor(place);
  const again = Math.round((place - batch) * perBatch.now);
  if (again > 0 && batch < batchesPerPass) warnings.push(seenAgain(again, perBatch));
  const share = within.batches > 0 ? placeWithin / within.batches : 0;
  return {
    feed: { pass: feed.pass, batch, taken: step * now.perStep },
    within: {
      batches: Math.floor(placeWithin),
      ...(within.validated === within.batches ? { validated: Math.floor(placeWithin) } : {}),
      sum: within.sum * share,
      counted: within.counted * share,
    },
    dropsGradients: accumulated > 0,
    warnings,
  };
}

const seenAgain = (count: number, { before, now }: { before: number; now: number }) =>
  `the run continues within a pass over the data in batches of ${now} samples instead of ${before}: ${count} samples of the pass are seen a second time`;

const lostGradients = (batches: number, { batchSize, worldSize }: Batching) =>
  `gradients of ${batches * batchSize * worldSize} samples from the pass before were waiting for a step of other batches; they are dropped, and these samples are not served again`;

function changedOrder({ batch }: BatchPosition, before: Batching, now: Batching): string[] {
  if (batch === 0) return [];
  return (["seed", "overfitBatches"] as const).flatMap((key) =>
    before[key] === now[key]
      ? []
      : [
          `\`${key}\` is ${now[key]} and was ${before[key]}: the rest of this pass over the data is served in another order, so some of its samples are left out and others seen twice`,
        ],
  );
}

/**
 * Returns a warning when the number of samples in an epoch has changed by a step or more, because the epoch ends
 * earlier or later.
 */
function changedEpoch({ batches }: CheckpointState["within"], before: Batching, now: Batching): string[] {
  const ofStep = ({ batchSize, worldSize, perStep }: Batching) => batchSize * worldSize * perStep;
  const [had, has] = [before, now].map((each) => each.stepsPerEpoch * ofStep(each)) as [number, number];
  if (batches === 0 || Math.abs(had - has) < Math.max(ofStep(before), ofStep(now))) return [];
  return [
    `an epoch has ${now.stepsPerEpoch} steps (${has} samples) and had ${before.stepsPerEpoch} (${had} samples): the current epoch ends by the new number, and the order of the samples stays the same`,
  ];
}
