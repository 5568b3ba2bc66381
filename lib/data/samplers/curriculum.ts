/** The state of a curriculum at a step, which determines the samples' weights. */
export class Curriculum {
  private step = 0;

  /** @param warmupSteps the step from which all samples have equal weights */
  constructor(private readonly warmupSteps: number) {
    if (!(warmupSteps >= 0)) throw new RangeError(`warmupSteps must be 0 or more; found ${warmupSteps}`);
  }

  /** Sets the step. @param step the global step: optimizer steps since the training began */
  setStep(step: number): void {
    this.step = step;
  }

  get over(): boolean {
    return this.step >= this.warmupSteps;
  }

  /** The factor alpha, from 0.5 at the start to 1 at the end. */
  get alpha(): number {
    return this.over ? 1 : 0.5 + (0.5 * this.step) / this.warmupSteps;
  }

  /** Returns the weight of a sample: `min(1, alpha c)`, and 1 when the curriculum is over. */
  weight(contrast: number): number {
    return this.over ? 1 : Math.min(1, this.alpha * contrast);
  }
}

/** Checks that contrasts are 0 or more, and that one is over 0. @throws RangeError */
export function checkContrast(contrast: ArrayLike<number>): void {
  for (let i = 0; i < contrast.length; i++) {
    const value = contrast[i]!;
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`contrast[${i}] is ${value}; it must be 0 or more`);
  }
  if (!(largest(contrast) > 0)) throw new RangeError("contrast: one value must be over 0");
}

export function largest(values: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}
