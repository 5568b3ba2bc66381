import { tf } from "../engine";
import type { Model } from "./model";
import { OUTPUT_ACTIVATIONS } from "./output";

/** A unit that never fired still gets a finite bias. Spikes per bin. */
const LEAST_RATE = 1e-3;

/** The readout bias from which a unit starts at its mean rate (spikes per bin). */
export function biasForRate(activation: keyof typeof OUTPUT_ACTIVATIONS, rate: number): number {
  return OUTPUT_ACTIVATIONS[activation].inverse(Math.max(LEAST_RATE, rate));
}

/**
 * Starts every unit's bias at the inverse of the output activation of its mean rate; nothing happens without biases.
 *
 * @param meanRates spikes per valid bin of the N units, sessions in order
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
