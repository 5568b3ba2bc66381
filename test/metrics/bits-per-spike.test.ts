import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { BitsPerSpike } from "../../lib/metrics";
import { bitsPerSpikeSums } from "../../lib/metrics/bits-per-spike";

const SESSIONS = ["ada_2031-01-01", "ada_2031-01-02", "bob_2031-01-01"];

/** Returns the sums of units that fired once in two bins and were predicted with one rate in both. */
function sums(rates: number[]): number[] {
  return [
    rates.map((r) => Math.log(r)),
    rates.map((r) => 2 * r),
    rates.map(() => 1),
    rates.map(() => 2),
  ].flat();
}

test("scores the mean rate as 0, and counts worse predictions as 0 in means", () => {
  const bps = new BitsPerSpike(Int32Array.of(0, 0, 1, 2), SESSIONS);
  bps.add(sums([0.5, 0.9, 0.5, 0.01]));
  const [exact, high, , low] = bps.perUnit();
  expect(exact).toBeCloseTo(0, 6);
  expect(high).toBeLessThan(0);
  expect(low).toBeLessThan(0);
  expect(bps.overall()).toBeCloseTo(0, 6);
});

test("leaves out and counts units without spikes, and sessions of such units", () => {
  const bps = new BitsPerSpike(Int32Array.of(0, 0, 1, 2), SESSIONS);
  // Unit 0 gains 1 bit: rate 1 in the bin with its spike and 0 in the other; units 1 and 2 never fired.
  bps.add([0, 0, 0, 0, 1, 0.2, 0.2, 1, 1, 0, 0, 1, 2, 2, 2, 2]);
  expect(bps.silentUnits()).toBe(2);
  expect(bps.perUnit()[0]).toBeCloseTo(1, 6);
  expect(bps.perSession().map((x) => Math.round(x * 1e6) / 1e6)).toEqual([1, Number.NaN, 1]);
  expect(bps.perSubject()).toEqual({ ada: expect.closeTo(1, 6), bob: expect.closeTo(1, 6) });
  expect(bps.overall()).toBeCloseTo(1, 6);
});

test("adds the sums of two processes to the result of one", () => {
  const units = Int32Array.of(0, 1);
  const [a, b, both] = [0, 1, 2].map(() => new BitsPerSpike(units, SESSIONS.slice(0, 2)));
  a!.add(sums([0.4, 0.6]));
  b!.add(sums([0.7, 0.3]));
  both!.add(sums([0.4, 0.6]));
  both!.add(sums([0.7, 0.3]));
  a!.merge(b!);
  expect(a!.perUnit()).toEqual(both!.perUnit());
  expect(() => a!.add([1])).toThrow("1 sums for 2 units");
});

test("ignores masked values, so that predictions of other sessions' units may overflow", () => {
  const rate = tf.tensor2d([0.5, Number.POSITIVE_INFINITY, 200, 0.25], [2, 2]);
  const robs = tf.tensor2d([1, Number.NaN, 0, 2], [2, 2]);
  const mask = tf.tensor2d([1, 0, 0, 1], [2, 2]);
  const sums = bitsPerSpikeSums({ rate, robs, mask }, { logRate: true });
  const expected = [0.5, 0.5, Math.exp(0.5), Math.exp(0.25), 1, 2, 1, 1];
  Array.from(sums.dataSync()).forEach((sum, i) => {
    expect(sum).toBeCloseTo(expected[i]!, 5);
  });
  tf.dispose([rate, robs, mask, sums]);
});
