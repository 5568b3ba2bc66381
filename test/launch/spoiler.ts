import { tf } from "../../lib/engine";
import type { Callback, FitContext } from "../../lib/protocols/callback";
import type { FactoryReference } from "../../lib/protocols/module";

export interface SpoilerOptions {
  readonly parameter: string;
  readonly step: number;
}

/** A callback of a user's module that sets a weight to NaN at a step, in the process that has the parameter. */
export class Spoiler implements Callback {
  readonly recipe: FactoryReference;

  constructor(private readonly options: SpoilerOptions) {
    this.recipe = { module: __filename, name: "Spoiler", options };
  }

  onTrainBatchStart({ step, module }: FitContext): void {
    const { parameter, step: at } = this.options;
    const found = module.parameters.find(({ name }) => name === parameter);
    if (step !== at || !found) return;
    tf.tidy(() => found.variable.assign(tf.fill(found.variable.shape, Number.NaN) as never));
  }
}
