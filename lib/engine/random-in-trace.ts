import * as tf from "@tensorflow/tfjs-core";
import { backend, become } from "./backend";
import { TF } from "./dtypes";
import { attr } from "./kernels/kernel";
import { unwinding } from "./unwind";

/**
 * tfjs draws random numbers in JavaScript. Inside a function that is being traced they would become constants: the same
 * noise at each call. What starts every unseeded draw of tfjs's is `Math.random`, so while a function is traced that raises
 * an error, with two exceptions whose draw a TensorFlow op can take over, so that it is fresh at each call: `tf.dropout` (and so
 * the Dropout layer) and `tf.multinomial`. A draw with a seed of its own is the same at each call in eager tfjs too.
 *
 * @param name of the traced function, for the error
 */
export function withFreshDraws<T>(name: string, trace: () => T): T {
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
  // Each op of tfjs's ends its scope with its result: here the uniform draw of a dropout is exchanged.
  engine.endScope = (result) => {
    if (dropping && result) become(result as tf.Tensor, uniform((result as tf.Tensor).shape));
    dropping = false;
    Object.getPrototypeOf(engine).endScope.call(engine, result);
  };
  return unwinding(trace, () => {
    Math.random = random;
    // The prototype's comes back into view.
    delete (engine as Partial<typeof engine>).endScope;
  });
}

/** TensorFlow's stateful draw from [0, 1): without a seed, it starts from a random one. */
function uniform(shape: number[]): tf.Tensor {
  const attributes = [attr.type("dtype", TF.FLOAT), attr.type("T", TF.INT32)];
  return backend.executeSingleOutput("RandomUniform", attributes, [tf.tensor1d(shape, "int32")]);
}

function frozen(name: string, op: string | undefined): string {
  const what = op ? `tf.${op.replace("__op", "")}` : "Math.random";
  return (
    `${what} was called inside ${name}, which is compiled: its numbers come from JavaScript and would be the same at ` +
    "every call. Draw with `new Draws(seed, step)` from gradbook, whose `uniform`, `normal` and `keepMask` are fresh at " +
    "each step, or pass the numbers in as an argument. If they are meant to stay the same, draw them outside."
  );
}
