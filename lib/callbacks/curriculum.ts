import { ConfigError } from "../base/config";
import type { Callback, FitContext } from "../protocols/callback";
import type { FactoryReference } from "../protocols/module";

/** A sampler that changes as training progresses. */
export interface StepDependentSampler {
  /** Sets the optimizer step, on which the batches depend. */
  setStep(step: number): void;
}

/**
 * Passes the current step to a custom sampler before each batch. Sources of batches that follow `BatchRequest.stepOf`
 * do not need it: they know the step of every batch in advance.
 *
 * @example
 * // The module has its sampler as `this.data.sampler`, also in the process of each device.
 * new CurriculumCallback("data.sampler");
 */
export class CurriculumCallback implements Callback {
  readonly recipe?: FactoryReference;
  private found: StepDependentSampler | undefined;

  /**
   * @param sampler the sampler, or its location in the training module as property names joined by dots. With several
   * `devices` each process has its own sampler, so the location is required. Default "sampler"
   */
  constructor(private readonly sampler: StepDependentSampler | string = "sampler") {
    if (typeof sampler === "string")
      this.recipe = { module: __filename, name: "CurriculumCallback", options: sampler };
  }

  /** @throws ConfigError when the module has no such sampler */
  onFitStart({ module }: FitContext): void {
    const { sampler } = this;
    this.found = typeof sampler === "string" ? samplerOf(module, sampler) : sampler;
  }

  onTrainBatchStart({ step }: FitContext): void {
    this.found!.setStep(step);
  }
}

function samplerOf(module: object, path: string): StepDependentSampler {
  const found = path
    .split(".")
    .reduce<unknown>((owner, name) => (owner as Record<string, unknown> | undefined)?.[name], module);
  if (typeof (found as Partial<StepDependentSampler> | undefined)?.setStep === "function")
    return found as StepDependentSampler;
  const message = `the training module has no \`${path}\` with a \`setStep\`; give the names of the properties that lead to its sampler, or the sampler itself`;
  throw new ConfigError("CurriculumCallback", [{ path: "sampler", message }]);
}
