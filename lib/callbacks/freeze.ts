import { z } from "zod";
import { ConfigError, check, type OptionsOf } from "../base/config";
import type { Callback, FitContext } from "../protocols/callback";
import { allParameters, type FactoryReference } from "../protocols/module";

const shape = {
  /**
   * Name patterns. A pattern selects every parameter whose name contains all of its `/`-separated parts, as for
   * `apply_to`.
   */
  parameters: z.array(z.string().min(1)).min(1).readonly(),
  /** The first epoch, from 0, in which the parameters are trained. Default: never. */
  until: z.int().nonnegative().optional(),
};

/**
 * The options of `Freeze`.
 *
 * @interface
 */
export type FreezeOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/**
 * Freezes parameters, permanently or until an epoch: their values and moments do not change, and weight decay does not
 * apply.
 *
 * @example
 * new Freeze({ parameters: ["frontend", "convnet"], until: 5 })
 */
export class Freeze implements Callback {
  readonly recipe: FactoryReference;
  private readonly options: z.output<typeof schema>;

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: FreezeOptions) {
    this.recipe = { module: __filename, name: "Freeze", options };
    this.options = check(schema, options, "Freeze");
  }

  /** @throws ConfigError for a pattern that selects no parameter */
  onFitStart(context: FitContext): void {
    const names = allParameters(context.module).map(({ name }) => name);
    const problems = this.options.parameters.flatMap((pattern, i) =>
      names.some((name) => takes(pattern, name))
        ? []
        : [
            {
              path: `parameters.${i}`,
              message: `"${pattern}" matches no parameter; available: ${names.join(", ")}`,
            },
          ],
    );
    if (problems.length > 0) throw new ConfigError("Freeze", problems);
    // A resumed epoch does not call the hook for the start of an epoch.
    this.apply(context);
  }

  onTrainEpochStart(context: FitContext): void {
    this.apply(context);
  }

  private apply(context: FitContext): void {
    const { parameters, until = Number.POSITIVE_INFINITY } = this.options;
    const on = context.epoch < until;
    context.freeze(this, (name) => on && parameters.some((pattern) => takes(pattern, name)));
  }
}

const takes = (pattern: string, name: string) => pattern.split("/").every((part) => name.includes(part));
