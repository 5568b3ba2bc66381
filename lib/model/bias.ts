import { tf } from "../engine";
import type { Model } from "./model";
import { OUTPUT_ACTIVATIONS, type OutputActivationName, outputIsSigned } from "./output";

/** The least rate of an activation without negative rates, which gives a unit that never fired a finite bias. */
const LEAST_RATE = 1e-3;

/** Returns the readout bias with which a unit starts at its mean rate (spikes per bin, or the mean of other responses). */
export function biasForRate(activation: OutputActivationName, rate: number): number {
  const reached = outputIsSigned(activation) ? rate : Math.max(LEAST_RATE, rate);
  return OUTPUT_ACTIVATIONS[activation].inverse(reached);
}

/**
 * Sets every unit's bias to the inverse output activation of its mean rate. Has no effect without biases.
 *
 * @param meanRates the spikes per valid bin of the N units, in the order of sessions
 */
export function initReadoutBias(model: Model, meanRates: ArrayLike<number>): void {
  const { input, plan, config } = model;
  const total = model.unitDataset.length;
  if (meanRates.length !== total)
    throw new RangeError(`initReadoutBias: ${meanRates.length} rates for ${total} units`);
  let first = 0;
  input.units.forEach((units, session) => {
    const name = plan.readouts.biasOf(session);
    if (name) {
      const rates = Array.from({ length: units }, (_, i) => meanRates[first + i]!);
      const bias = tf.tensor1d(rates.map((rate) => biasForRate(config.output_activation, rate)));
      model.variable(`readouts.${name}`).assign(bias);
      bias.dispose();
    }
    first += units;
  });
}
