import { tf } from "../../engine";
import type { ClipOptions } from "./clip";

/** Maps a parameter after the step; see `OptimizerInputs.constraints` for `step`. */
export type Constraint = (value: tf.Tensor, step: () => tf.Tensor) => tf.Tensor;

/** The properties of a parameter that an optimizer needs. */
export interface Optimized {
  readonly name: string;
  readonly variable: tf.Variable;
  /** The core may have its own learning rate. */
  readonly group: "core" | "head";
  /** Whether weight decay acts on it. */
  readonly decay: boolean;
  /** The number of the dataset that it belongs to; a batch without that dataset does not change the parameter. */
  readonly dataset?: number;
}

/** The options of every optimizer. */
export interface StepOptions extends ClipOptions {
  /** The weight decay. Default 1e-5. */
  weightDecay?: number;
  /** The core's learning rate divided by the head's. Default 1. */
  coreLrScale?: number;
}

/** The inputs of a step. */
export interface OptimizerInputs {
  /** The gradient of each parameter by its variable's name, as `tf.variableGrads` returns them. */
  readonly grads: tf.NamedTensorMap;
  /** The head's learning rate in this step. */
  readonly lr: tf.Scalar;
  /**
   * Constraints by parameter name: each maps the value after the step and is applied once (a proximal map). `step` is
   * the distance that each element moves for a gradient of 1; for Adam it is 0 for an element that has never had a
   * gradient, whose step would be unbounded.
   */
  readonly constraints?: ReadonlyMap<string, Constraint>;
  /** The norm of all gradients together, if other processes have further ones. Default: the norm of `grads`. */
  readonly globalNorm?: tf.Scalar;
}

/** The report of a step. */
export interface OptimizerReport extends tf.TensorContainerObject {
  /** The norm of all gradients together, before clipping. */
  globalNorm: tf.Scalar;
  /** 1 when the step was taken; 0 when a gradient was not finite and nothing was changed. */
  finite: tf.Scalar;
}

/** A variable of an optimizer with its name in checkpoints. */
export interface OptimizerVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  /** Whether it has one number for each of the P parameters, `[P]`. Default false. */
  readonly perParameter?: boolean;
}

/**
 * An optimizer as part of a compiled step: its state is in variables, which the step replaces.
 *
 * A parameter that is absent from a step (its session is not in the batch) keeps its value and its state. A step with a gradient that is
 * not finite changes nothing.
 */
export abstract class StepOptimizer {
  /** All variables that a resumed run needs. */
  abstract readonly state: readonly OptimizerVariable[];
  protected readonly options: Required<StepOptions>;

  constructor(
    /** The name in errors. */
    readonly name: string,
    readonly parameters: readonly Optimized[],
    {
      weightDecay = 1e-5,
      coreLrScale = 1,
      gradientClipVal = null,
      gradientClipAlgorithm = "norm",
    }: StepOptions,
  ) {
    this.options = { weightDecay, coreLrScale, gradientClipVal, gradientClipAlgorithm };
  }

  /**
   * Takes a step. Traced.
   *
   * @param present 1 for each session that is in the batch, else 0, `[D]`
   */
  update({ present, ...step }: OptimizerInputs & { present: tf.Tensor1D }): OptimizerReport {
    return tf.tidy(() => this.updatePresent({ ...step, present: this.presenceOf(present) }));
  }

  /** Takes a step as `update` does, given the presence of each of the P parameters, `[P]`. Traced. */
  abstract updatePresent(step: OptimizerInputs & { present: tf.Tensor1D }): OptimizerReport;

  /** Returns the presence of each of the P parameters, `[P]`, from the presence of each session, `[D]`. Traced. */
  presenceOf(present: tf.Tensor1D): tf.Tensor1D {
    return tf.tidy(() => {
      const ofParameter = this.parameters.map(({ dataset }) => (dataset === undefined ? 0 : dataset + 1));
      return tf.gather(tf.concat([tf.tensor1d([1]), present]), tf.tensor1d(ofParameter, "int32"));
    });
  }

  /** Returns the gradients in the order of the parameters. @throws Error for a missing gradient */
  protected gradients(grads: tf.NamedTensorMap): tf.Tensor[] {
    return this.parameters.map(({ name, variable }) => {
      const grad = grads[variable.name];
      if (!grad)
        throw new Error(
          `${this.name}: no gradient for ${name}; was it left out of the loss or of variableGrads?`,
        );
      return grad;
    });
  }

  /** The factor of each parameter's learning rate. */
  protected get scales(): number[] {
    return this.parameters.map(({ group }) => (group === "core" ? this.options.coreLrScale : 1));
  }

  /** The weight decay of each parameter. */
  protected get decays(): number[] {
    return this.parameters.map(({ decay }) => (decay ? this.options.weightDecay : 0));
  }

  /** Frees the tensors. The object cannot be used afterwards. */
  dispose(): void {
    for (const { variable } of this.state) variable.dispose();
  }
}
