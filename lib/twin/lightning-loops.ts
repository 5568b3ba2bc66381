import type { CheckpointState } from "../trainer/checkpoint/state";

/** The counts of a loop of Lightning. */
interface Counts {
  readonly ready: number;
  readonly started: number;
  readonly processed: number;
  readonly completed: number;
}

/** Returns counts of which all are `begun`, except for the completed ones. */
const counts = (begun: number, completed = begun): Counts => ({
  ready: begun,
  started: begun,
  processed: completed,
  completed,
});

/**
 * Returns the position of a training as Lightning's Trainer restores it (`loops` of a checkpoint): the epoch, the batch within it, and the
 * number of optimizer steps. An epoch that has taken batches has begun.
 */
export function lightningLoops({ epoch, step, within, feed }: CheckpointState): object {
  const epochs = counts(within.batches > 0 ? epoch + 1 : epoch, epoch);
  const steps = { ready: step, completed: step };
  const zeroed = { ...steps, started: step };
  return {
    fit_loop: {
      state_dict: {},
      "epoch_loop.state_dict": { _batches_that_stepped: step },
      "epoch_loop.batch_progress": {
        total: counts(feed.taken),
        current: counts(within.batches),
        is_last_batch: false,
      },
      "epoch_loop.automatic_optimization.state_dict": {},
      "epoch_loop.automatic_optimization.optim_progress": {
        optimizer: {
          step: { total: steps, current: steps },
          zero_grad: { total: zeroed, current: zeroed },
        },
      },
      epoch_progress: { total: epochs, current: epochs },
    },
  };
}
