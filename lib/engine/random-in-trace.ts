import * as tf from "@tensorflow/tfjs-core";
import { backend, become } from "./backend";
import { TF } from "./dtypes";
import { attr } from "./kernels/kernel";
import { unwinding } from "./queue";

/**
 * Traces a function and prevents frozen random numbers. tfjs draws random numbers in JavaScript, which would become constants inside a
 * traced function: the same noise at each call. Every unseeded draw of tfjs starts with `Math.random`, so `Math.random` throws during a
 * trace. There are two exceptions, for which a TensorFlow op draws new numbers at each call: `tf.dropout` (and so the Dropout layer) and
 * `tf.multinomial`. A draw with an explicit seed gives the same numbers at each call in eager tfjs too.
 *
 * @param name the name of the traced function, for the error
 */
export function withFreshRandomness<T>(name: string, trace: () => T): T {
  const engine = tf.engine();
  const { random } = Math;
  let dropping = false;
  Math.random = () => {
    const ops = engine.state.scopeStack.map((scope) => scope.name);
    dropping = ops.at(-2) === "dropout__op" && ops.at(-1) === "randomUniform__op";
    if (dropping || ops.at(-1) === "multinomial__op") return random();
    throw new Error(
      frozen(
        name,
        ops.findLast((op) => op.endsWith("__op")),
      ),
    );
  };
  // Each tfjs op ends its scope with its result. This replaces the uniform draw of a dropout.
  engine.endScope = (result) => {
    if (dropping && result) become(result as tf.Tensor, uniform((result as tf.Tensor).shape));
    dropping = false;
    Object.getPrototypeOf(engine).endScope.call(engine, result);
  };
  return unwinding(trace, () => {
    Math.random = random;
    // Restores the method of the prototype.
    delete (engine as Partial<typeof engine>).endScope;
  });
}

/** Draws from [0, 1) with TensorFlow's stateful op. Without a seed, it starts from a random one. */
function uniform(shape: number[]): tf.Tensor {
  const attributes = [attr.type("dtype", TF.FLOAT), attr.type("T", TF.INT32)];
  return backend.executeSingleOutput("RandomUniform", attributes, [tf.tensor1d(shape, "int32")]);
}

function frozen(name: string, op: string | undefined): string {
  const what = op ? `tf.${op.replace("__op", "")}` : "Math.random";
  return (
    `${what} was called inside ${name}, which is compiled: its numbers come from JavaScript and would be the same at ` +
    "every call. Draw with `new StatelessRng(seed, step)` from gradbook, whose `uniform`, `normal` and `keepMask` are fresh at " +
    "each step, or pass the numbers in as an argument. If they are meant to stay the same, draw them outside."
  );
}
