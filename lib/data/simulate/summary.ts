/**
 * Returns the bits per spike of the true rates, averaged over units: Σ [r log(rate / mean) - rate + mean] / (spikes ln 2), where mean is
 * that of the counts.
 *
 * @param parts the counts and rates, `[frames, units]` each
 */
export function bestBitsPerSpike(
  parts: readonly { robs: Float32Array; rates: Float32Array }[],
  units: number,
): number {
  const bits = Array.from({ length: units }, (_, unit) => {
    let [likelihood, expected, spikes, bins] = [0, 0, 0, 0];
    for (const { robs, rates } of parts) {
      for (let at = unit; at < robs.length; at += units) {
        likelihood += robs[at]! * Math.log(rates[at]!);
        expected += rates[at]!;
        spikes += robs[at]!;
        bins++;
      }
    }
    return (likelihood - expected - (spikes * Math.log(spikes / bins) - spikes)) / spikes / Math.LN2;
  });
  return bits.reduce((a, b) => a + b, 0) / units;
}
