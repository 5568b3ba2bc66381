import { z } from "zod";
import { check, type OptionsOf } from "../base/config";
import { type Compiled, compile, tf } from "../engine";
import type { BatchResult, Callback, FitContext } from "../protocols/callback";
import type { FactoryReference, NamedVariables, TrainingModule } from "../protocols/module";
import { variablesOf } from "../trainer/run";

const shape = {
  /** The share of the old average that an update keeps. Default 0.999. */
  decay: z.number().min(0).lt(1).default(0.999),
  /** The number of steps from one update to the next. Default 1. */
  updateEveryNSteps: z.int().positive().default(1),
  /** The first step, from 0, after which the average is updated. Default 0. */
  updateStartingAtStep: z.int().nonnegative().default(0),
};

/**
 * The options of `EMAWeightAveraging`.
 *
 * @interface
 */
export type EMAWeightAveragingOptions = OptionsOf<typeof shape>;

const schema = z.strictObject(shape);

/** A weight and the variable with its average. While they are exchanged, each holds the other's values. */
interface Pair {
  readonly name: string;
  readonly weight: tf.Variable;
  readonly average: tf.Variable;
}

/**
 * Keeps an exponential moving average of the weights (Polyak & Juditsky 1992) and of running statistics: `average =
 * decay * average + (1 - decay) * weight` after an optimizer step. The first average is a copy of the weights. Name and
 * options follow Lightning.
 *
 * The averages replace the weights in validation, in every checkpoint under the weights' own names, and after the fit.
 * Training continues with the weights themselves, which checkpoints store as `current.*`, so that a resumed run is bit
 * for bit the same as an uninterrupted one. A step that was skipped because a gradient was not finite does not update
 * the average.
 *
 * @example
 * new Trainer({ callbacks: [new EMAWeightAveraging({ decay: 0.99 }), new ModelCheckpoint({ monitor: "val_loss" })] });
 */
export class EMAWeightAveraging implements Callback {
  readonly recipe: FactoryReference;
  private readonly options: z.output<typeof schema>;
  /** The number of updates so far. There is no average before the first update. */
  private updates = 0;
  private pairs: readonly Pair[] = [];
  private exchanged = false;
  private update: Compiled<[tf.Scalar], tf.Tensor> | undefined;

  /** @throws ConfigError for unknown or invalid options */
  constructor(options: EMAWeightAveragingOptions = {}) {
    this.recipe = { module: __filename, name: "EMAWeightAveraging", options };
    this.options = check(schema, options, "EMAWeightAveraging");
  }

  state(): unknown {
    return { updates: this.updates };
  }

  restore(state: unknown): void {
    this.updates = (state as { updates: number }).updates;
  }

  variables(module: TrainingModule): NamedVariables {
    if (this.updates === 0) return new Map();
    this.prepare(module);
    const { exchanged } = this;
    return new Map(
      this.pairs.flatMap(({ name, weight, average }) => [
        [name, exchanged ? weight : average] as const,
        [`current.${name}`, exchanged ? average : weight] as const,
      ]),
    );
  }

  onTrainEpochStart(): void {
    if (this.exchanged) this.exchange();
  }

  /** Restores the weights after a validation in the middle of an epoch. */
  onTrainBatchStart(): void {
    if (this.exchanged) this.exchange();
  }

  async onAfterBackward({ module, step }: FitContext, { finite }: BatchResult): Promise<void> {
    const { decay, updateEveryNSteps, updateStartingAtStep } = this.options;
    const taken = step - 1;
    if (!finite || taken < updateStartingAtStep || taken % updateEveryNSteps !== 0) return;
    this.prepare(module);
    const share = tf.scalar(this.updates === 0 ? 1 : 1 - decay);
    tf.dispose([await this.update!(share), share]);
    this.updates++;
  }

  onValidationStart(): void {
    this.standIn();
  }

  onFitEnd(): void {
    this.standIn();
  }

  /** Resets the state, so that another fit starts with no average. */
  teardown(): void {
    this.update?.dispose();
    tf.dispose(this.pairs.map(({ average }) => average));
    [this.update, this.pairs, this.exchanged, this.updates] = [undefined, [], false, 0];
  }

  private prepare(module: TrainingModule): void {
    if (this.update) return;
    this.pairs = [...variablesOf(module)].map(([name, weight]) => {
      const average = tf.tidy(() => tf.variable(tf.zerosLike(weight), false));
      return { name, weight, average };
    });
    this.update = compile(
      (share: tf.Scalar) => {
        for (const { weight, average } of this.pairs)
          average.assign(tf.add(average, tf.mul(tf.sub(weight, average), share)));
        return tf.scalar(0);
      },
      { name: "average of weights" },
    );
  }

  private standIn(): void {
    if (!this.exchanged && this.updates > 0) this.exchange();
  }

  private exchange(): void {
    tf.tidy(() => {
      for (const { weight, average } of this.pairs) {
        const [mine, its] = [weight.clone(), average.clone()];
        weight.assign(its as never);
        average.assign(mine as never);
      }
    });
    this.exchanged = !this.exchanged;
  }
}
