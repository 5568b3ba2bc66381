import { ConfigError, type Place } from "../../base/config";
import { tf } from "../../engine";
import { matches, type RegularizerConfig, resolved } from "./config";
import type { EffectiveStep, Regularizer, WeightFrame } from "./regularizer";
import { lambdaIn } from "./schedule";

/** A trained tensor with its name, such as `readouts.0.features.weight`. */
export interface NamedParameter {
  readonly name: string;
  readonly variable: tf.Variable;
  /** The size of the frames of a weight whose last axis holds pixels. */
  readonly frame?: WeightFrame;
  /** The number of the session that it belongs to. Default: none. */
  readonly dataset?: number;
}

/** Returns the value of a parameter in place of the result of the optimizer's step. */
export type Constraint = (value: tf.Tensor, step: EffectiveStep) => tf.Tensor;

/**
 * The regularizers of a model, applied to its parameters. Lambdas change between epochs, so they are arguments of the compiled step:
 * `lambdas(epoch)` returns the numbers, and `penalty` and `constraints` take them as tensors.
 */
export class Regularization {
  /** One message for each pattern that matches no parameter. */
  readonly unmatched: readonly string[];
  private readonly parts: readonly {
    regularizer: Regularizer;
    index: number;
    matched: readonly NamedParameter[];
  }[];

  constructor(
    private readonly list: readonly RegularizerConfig[],
    parameters: readonly NamedParameter[],
    where = "model configuration",
  ) {
    this.unmatched = this.unmatchedIn(parameters.map(({ name }) => name));
    this.parts = resolved(list).flatMap(({ regularizer, apply_to, lambda, schedule }, index) => {
      // A regularizer that is off in every epoch (for example only to disable weight decay) adds nothing to the step.
      if (lambda === 0 && !schedule.start_lambda) return [];
      const matched = parameters.filter((p) => apply_to.some((pattern) => matches(pattern, p.name)));
      requireApplicable(regularizer, matched, { where, path: `regularization.${index}.apply_to` });
      return { regularizer, index, matched };
    });
  }

  /** Returns one message for each pattern that matches none of the names of parameters. */
  unmatchedIn(names: readonly string[]): string[] {
    return this.list.flatMap(({ name, type, apply_to }) =>
      apply_to
        .filter((pattern) => !names.some((each) => matches(pattern, each)))
        .map((pattern) => `regularizer ${name ?? type}: "${pattern}" matches no parameter`),
    );
  }

  /** Returns lambda of each entry in an epoch, counted from 0. */
  lambdas(epoch: number): number[] {
    return this.list.map(({ schedule, lambda }) => lambdaIn(schedule, lambda, epoch));
  }

  /**
   * Computes the term added to the loss, `Σ lambda · penalty`; 0 without penalties. Traced.
   *
   * @param of selects the parameters whose penalties are added. Default: all
   */
  penalty(lambdas: readonly tf.Scalar[], of?: (parameter: NamedParameter) => boolean): tf.Scalar {
    const terms = this.terms(lambdas, of).map(({ value }) => value);
    return terms.length === 0 ? tf.scalar(0) : tf.addN(terms);
  }

  /**
   * Returns the terms of `penalty` with the present weights, `reg_loss/<name>` by the entry's name or type. Terms of one name are added.
   *
   * @param of selects the parameters whose penalties are added; terms without such parameters are left out. Default: all
   */
  penalties(epoch: number, of?: (parameter: NamedParameter) => boolean): Record<string, number> {
    return tf.tidy(() => {
      const lambdas = this.lambdas(epoch).map((lambda) => tf.scalar(lambda));
      const found: Record<string, number> = {};
      for (const { index, value } of this.terms(lambdas, of)) {
        const { name, type } = this.list[index]!;
        const key = `reg_loss/${name ?? type}`;
        found[key] = (found[key] ?? 0) + value.dataSync()[0]!;
      }
      return found;
    });
  }

  private terms(
    lambdas: readonly tf.Scalar[],
    of?: (parameter: NamedParameter) => boolean,
  ): { index: number; value: tf.Scalar }[] {
    return this.parts.flatMap(({ regularizer, index, matched }) => {
      if (regularizer.kind !== "penalty") return [];
      const chosen = of ? matched.filter(of) : matched;
      if (chosen.length === 0) return [];
      const total = tf.addN(chosen.map(({ variable, frame }) => regularizer.of(variable, frame)));
      return [{ index, value: tf.mul<tf.Scalar>(total, lambdas[index]!) }];
    });
  }

  /**
   * Returns the constraints on parameters after a step, by parameter name and in the order of the list, for the optimizer. Traced. A
   * lambda of 0 disables a constraint.
   */
  constraints(lambdas: readonly tf.Scalar[]): Map<string, Constraint> {
    const found = new Map<string, Constraint>();
    for (const { regularizer, index, matched } of this.parts) {
      if (regularizer.kind !== "proximal") continue;
      const lambda = lambdas[index]!;
      for (const { name } of matched) {
        const before = found.get(name) ?? ((value) => value);
        found.set(name, (value, step) => {
          const w = before(value, step);
          return tf.where(tf.greater(lambda, 0), regularizer.map(w, lambda, step), w);
        });
      }
    }
    return found;
  }
}

/** Checks that a penalty applies to the weights that its patterns select. @throws ConfigError that lists the others */
function requireApplicable(
  regularizer: Regularizer,
  matched: readonly NamedParameter[],
  { where, path }: Place,
): void {
  if (regularizer.kind !== "penalty") return;
  const problems = matched.flatMap(({ name, variable: { shape }, frame }) => {
    const problem = regularizer.problemOf?.({ shape, frame });
    return problem ? [{ path, message: `selects ${name} of shape [${shape}], which ${problem}` }] : [];
  });
  if (problems.length > 0) throw new ConfigError(where, problems);
}
