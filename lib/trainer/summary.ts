import { Table } from "../base/jupyter/table";
import type { tf } from "../engine";
import type { TrainedParameter, TrainingModule } from "../protocols/module";

/** The number of bytes of a float32 number. */
const BYTES = 4;

/**
 * Lists the parameters and state of any training module: name, shape, number of values, and whether each is trained.
 * The title has the totals, and the memory of the weights and of training them with AdamW (a gradient and two moments
 * for each trained value), without activations. The table is HTML in a notebook and aligned text in a terminal.
 *
 * @example
 * display(summary(module));
 *
 * @param frozen selects the names of parameters that are not trained, for example by the patterns of a `Freeze`
 * callback. Default: none
 */
export function summary(
  module: Pick<TrainingModule, "parameters" | "state">,
  frozen: (name: string) => boolean = () => false,
): Table {
  const { parameters, state = [] } = module;
  const isTrained = ({ name, variable }: TrainedParameter) => variable.trainable && !frozen(name);
  const rows = [
    ...parameters.map((each) => rowOf(each, isTrained(each) ? "trained" : "frozen")),
    // A frozen stage of a model is saved with the state.
    ...state.map((each) => rowOf(each, each.variable.trainable ? "frozen" : "state")),
  ];
  const trained = sizeOf(parameters.filter(isTrained));
  const kept = sizeOf(state.filter(({ variable }) => !variable.trainable));
  const all = sizeOf([...parameters, ...state]) - kept;
  const counts = [
    `${count(all)} parameters`,
    `${count(trained)} trained`,
    ...(all > trained ? [`${count(all - trained)} frozen`] : []),
    ...(kept > 0 ? [`${count(kept)} values of state`] : []),
  ];
  const weights = BYTES * (all + kept);
  const memory = `${bytes(weights)} of weights, ${bytes(weights + 3 * BYTES * trained)} in training without the activations`;
  return new Table(rows, `${counts.join(", ")}; ${memory}`);
}

function rowOf({ name, variable }: TrainedParameter, kind: "trained" | "frozen" | "state") {
  return { name, shape: shapeOf(variable), values: variable.size, kind };
}

const shapeOf = ({ shape }: tf.Variable) => (shape.length === 0 ? "scalar" : shape.join(" × "));
const sizeOf = (parameters: readonly TrainedParameter[]) =>
  parameters.reduce((sum, { variable }) => sum + variable.size, 0);
const count = (value: number) => value.toLocaleString("en");

/** Formats a size, such as `804 bytes`, `1.2 kB`, `35.0 MB`. */
function bytes(value: number): string {
  if (value < 1000) return `${value} bytes`;
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
