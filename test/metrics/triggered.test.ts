import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { eyeTrace } from "../../lib/data/simulate/eye";
import { findSaccades } from "../../lib/metrics/saccades";
import { eventTriggeredAverage, spikeTriggeredAverages } from "../../lib/metrics/triggered";
import { runPython } from "../python/python";

test("averages around events: mean, standard error and count by lag, without unknown bins", () => {
  const signal = [0, 1, 2, 3, Number.NaN, 5, 6, 7];
  const { lags, mean, error, count } = eventTriggeredAverage(signal, [1, 3, 7], { before: 1, after: 1 });
  expect([...lags]).toEqual([-1, 0, 1]);
  expect([...count]).toEqual([3, 3, 1]);
  expect([...mean]).toEqual([8 / 3, 11 / 3, 2]);
  expect(error[0]).toBeCloseTo(
    Math.sqrt(((0 - 8 / 3) ** 2 + (2 - 8 / 3) ** 2 + (6 - 8 / 3) ** 2) / 2 / 3),
    12,
  );
  expect(error[2]).toBeNaN();
});

test("finds onset, landing and amplitude of saccades, and leaves out those that the tracker lost", () => {
  const random = new Random(1, "gaze");
  const eyepos = new Float32Array(2 * 300);
  for (let t = 0; t < 300; t++) {
    // Drift noise; at 100 a saccade of 3 frames to (3, 4), at 200 one back.
    const share = t < 100 || t >= 203 ? 0 : t < 103 ? (t - 99) / 4 : t < 200 ? 1 : (203 - t) / 4;
    eyepos[2 * t] = 3 * share + 0.01 * random.normal();
    eyepos[2 * t + 1] = 4 * share + 0.01 * random.normal();
  }
  const [first, second, ...more] = findSaccades(eyepos, 120);
  expect(more).toEqual([]);
  expect(first!.amplitude).toBeCloseTo(5, 1);
  expect([Math.abs(first!.onset - 100), Math.abs(first!.landing - 104)].every((off) => off <= 1)).toBe(true);
  expect(Math.abs(second!.onset - 200)).toBeLessThanOrEqual(1);
  const valid = new Float32Array(300).fill(1);
  valid[202] = 0;
  expect(findSaccades(eyepos, 120, {}, valid)).toEqual([first]);
});

test("finds the saccades of the simulated eye", () => {
  const eye = eyeTrace(3600, 160, 20, 0.6, new Random(2, "eye"));
  const eyepos = Float32Array.from({ length: 7200 }, (_, i) => (i % 2 ? eye.y : eye.x)[i >> 1]! / 12);
  const found = findSaccades(eyepos, 120).map(({ landing }) => landing);
  const near = (list: readonly number[], at: number) => list.some((other) => Math.abs(other - at) <= 2);
  const inside = eye.landings.filter((t) => t < 3600);
  expect(inside.filter((t) => near(found, t)).length / inside.length).toBeGreaterThan(0.95);
  expect(found.filter((t) => near(inside, t)).length / found.length).toBeGreaterThan(0.95);
});

test("spike-triggered averages equal numpy's, at every lag and over chunks", async () => {
  const random = new Random(3, "sta");
  const [bins, pixels, units, lags] = [2500, 6, 3, [2, 0]];
  const stim = Uint8Array.from({ length: (bins + 2) * pixels }, () => random.below(256));
  const frames = Int32Array.from({ length: bins }, (_, i) => i + 2);
  const weights = Float32Array.from({ length: bins * units }, (_, i) =>
    i % units === 2 ? 0 : random.poisson(0.4),
  );
  const found = spikeTriggeredAverages({ stim, pixels, frames, weights, units, lags });
  const expected = JSON.parse(
    await runPython(
      `
import json, sys
import numpy as np
stim, w = (np.array(json.loads(a), dtype=float) for a in sys.argv[1:3])
s, r = (stim.reshape(-1, 6) - 127) / 255, w.reshape(-1, 3)[:, :2]
out = [[[np.average(s[2 - lag : len(s) - lag], axis=0, weights=r[:, u]) - s[2 - lag : len(s) - lag].mean(axis=0)][0].tolist() for lag in (2, 0)] for u in range(2)]
print(json.dumps(out))
`,
      [JSON.stringify([...stim]), JSON.stringify([...weights])],
    ),
  ) as number[][][];
  expected.flat(2).forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, 6);
  });
  expect([...found.subarray(2 * 2 * pixels)].every(Number.isNaN)).toBe(true);
});
