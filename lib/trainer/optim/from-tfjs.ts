import { ConfigError } from "../../base/config";
import { tf } from "../../engine";
import type { Optimized } from "./optimizer";
import type { Optimizer, OwnVariable } from "./own";

/** The description of a tfjs optimizer from which any process can make a new one. */
export interface TfjsDescription {
  /** tfjs's name of the class, such as `RMSProp`. */
  readonly className: string;
  /** The result of `getConfig()`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** @throws ConfigError for a class that `tf.serialization.registerClass` does not know, or without a learning rate */
export function describeTfjs(optimizer: tf.Optimizer): TfjsDescription & { readonly learningRate: number } {
  const className = optimizer.getClassName();
  const problem = (message: string) => new ConfigError("optimizer", [{ path: "type", message }]);
  const { [className]: known } = tf.serialization.SerializationMap.getMap().classNameMap;
  if (known?.[0] !== optimizer.constructor)
    throw problem(`${className} is not registered; call tf.serialization.registerClass(${className}) first`);
  const config = optimizer.getConfig() as Record<string, unknown>;
  const { learningRate } = config;
  if (typeof learningRate !== "number" || !(learningRate > 0))
    throw problem(`${className} has the learning rate ${learningRate}; it must be a number over 0`);
  return { className, config, learningRate };
}

/**
 * Makes a new tfjs optimizer and takes its steps. tfjs freezes the learning rate into a compiled step. Therefore the
 * optimizer uses its own rate, and each step is scaled to the rate of the schedule and group. The result is the same
 * for every tfjs optimizer except `rmsprop` with momentum, whose momentum is scaled too when the rate changes. Weight
 * decay is decoupled, as in AdamW.
 */
export function fromTfjs(
  { className, config }: TfjsDescription,
  parameters: readonly Optimized[],
): Optimizer {
  const [cls] = tf.serialization.SerializationMap.getMap().classNameMap[className]!;
  const optimizer = cls.fromConfig(cls, config as tf.serialization.ConfigDict) as tf.Optimizer;
  const own = config.learningRate as number;
  makeVariables(optimizer, parameters);
  const state = variablesOf(optimizer, parameters);
  return {
    state,
    update({ grads, lr, weightDecay }) {
      const before = parameters.map(({ variable }) => tf.clone(variable));
      optimizer.applyGradients(
        Object.fromEntries(parameters.map(({ name, variable }) => [variable.name, grads[name]!])),
      );
      parameters.forEach(({ name, variable }, i) => {
        const old = before[i]!;
        const kept = tf.mul(old, tf.sub(1, tf.mul(lr[name]!, weightDecay[name]!)));
        variable.assign(tf.add(kept, tf.mul(tf.sub(variable, old), tf.div(lr[name]!, own))));
      });
    },
    dispose() {
      for (const { variable } of state) variable.dispose();
      for (const value of Object.values(optimizer))
        if (value instanceof tf.Tensor && !value.isDisposed) value.dispose();
    },
  };
}

/**
 * Makes an optimizer create its variables, which it otherwise does at its first step, because a checkpoint is restored
 * before that. No variable is assigned, so they keep their initial values.
 */
function makeVariables(optimizer: tf.Optimizer, parameters: readonly Optimized[]): void {
  const { prototype } = tf.Variable;
  const { assign } = prototype;
  prototype.assign = () => {};
  try {
    tf.tidy(() =>
      optimizer.applyGradients(
        Object.fromEntries(parameters.map(({ variable }) => [variable.name, tf.zerosLike(variable)])),
      ),
    );
  } finally {
    prototype.assign = assign;
  }
}

/**
 * Returns the variables among an optimizer's properties: single variables, or lists of `{ variable }` with one per
 * parameter.
 */
function variablesOf(optimizer: tf.Optimizer, parameters: readonly Optimized[]): OwnVariable[] {
  return Object.entries(optimizer).flatMap(([property, value]: [string, unknown]): OwnVariable[] => {
    if (value instanceof tf.Variable) return [{ name: property, variable: value }];
    if (!Array.isArray(value) || value.length !== parameters.length) return [];
    return value.flatMap(({ variable }: { variable?: unknown }, i) => {
      const parameter = parameters[i]!.name;
      return variable instanceof tf.Variable
        ? [{ name: `${property}.${parameter}`, variable, parameter }]
        : [];
    });
  });
}
