import type { Callback, FitContext } from "../trainer/callback";

/** A sampler that moves with training. */
export interface Stepped {
  setStep(step: number): void;
}

/**
 * Tells a sampler of one's own the step before each batch. Sources of batches that follow `BatchRequest.stepOf` need none: they
 * know the step of every batch beforehand.
 */
export class CurriculumCallback implements Callback {
  constructor(private readonly sampler: Stepped) {}

  onTrainBatchStart({ step }: FitContext): void {
    this.sampler.setStep(step);
  }
}
