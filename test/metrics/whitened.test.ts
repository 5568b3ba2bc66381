import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { tf } from "../../lib/engine";
import { whitenedZMaps } from "../../lib/metrics/whitened";
import { runPython } from "../python/python";

/** A movie whose neighbouring pixels are correlated, and units that fire with a pixel's contrast, with another's energy, and never. */
const [bins, pixels, units, lags] = [2500, 6, 3, [2, 0]];
const random = new Random(3, "whitened");
const stim = new Uint8Array((bins + 2) * pixels);
for (let t = 0; t < bins + 2; t++) {
  let level = 127;
  for (let p = 0; p < pixels; p++) {
    level = 127 + 0.8 * (level - 127) + 30 * random.normal();
    stim[t * pixels + p] = Math.max(0, Math.min(255, level));
  }
}
const frames = Int32Array.from({ length: bins }, (_, i) => i + 2);
const seen = (bin: number, lag: number, p: number) => (stim[(bin + 2 - lag) * pixels + p]! - 127) / 255;
const weights = Float32Array.from({ length: bins * units }, (_, i) => {
  const bin = Math.floor(i / units);
  if (i % units === 2) return 0;
  return random.poisson(i % units === 0 ? Math.max(0, 0.3 + 2 * seen(bin, 2, 1)) : 8 * seen(bin, 0, 4) ** 2);
});

test("whitened z-maps equal numpy's at every lag, and are NaN without spikes", async () => {
  const before = tf.memory().numTensors;
  const found = whitenedZMaps({ stim, pixels, frames, weights, units, lags }, 0.02);
  expect(tf.memory().numTensors).toBe(before);
  const expected = JSON.parse(
    await runPython(
      `
import json, sys
import numpy as np
stim, w = (np.array(json.loads(a), dtype=float) for a in sys.argv[1:3])
x, w = (stim.reshape(-1, 6) - 127) / 255, w.reshape(-1, 3)[:, :2]
seen, n = x[2:], w.sum(0) ** 2 / (w ** 2).sum(0)
cov = np.cov(seen.T, bias=True)
values, vectors = np.linalg.eigh(cov + 0.02 * np.eye(6))
white = vectors @ np.diag(values ** -0.5) @ vectors.T
energy = np.diag(white @ cov @ white)
out = {"sta": [], "ste": []}
for u in range(2):
    for lag in (2, 0):
        y = (x[2 - lag : len(x) - lag] - seen.mean(0)) @ white
        out["sta"] += (np.average(y, axis=0, weights=w[:, u]) * n[u] ** 0.5).tolist()
        out["ste"] += ((np.average(y ** 2, axis=0, weights=w[:, u]) / energy - 1) * (n[u] / 2) ** 0.5).tolist()
print(json.dumps(out))
`,
      [JSON.stringify([...stim]), JSON.stringify([...weights])],
    ),
  ) as Record<"sta" | "ste", number[]>;
  for (const map of ["sta", "ste"] as const) {
    expected[map].forEach((value, i) => {
      expect(found[map][i]).toBeCloseTo(value, 3);
    });
    expect([...found[map].subarray(2 * 2 * pixels)].every(Number.isNaN)).toBe(true);
  }
  // Each unit's pixel stands out at its lag.
  const strongest = (map: Float32Array, unit: number, lag: number) => {
    const start = (unit * lags.length + lag) * pixels;
    const values = [...map.subarray(start, start + pixels)];
    return values.indexOf(Math.max(...values));
  };
  expect([strongest(found.sta, 0, 0), strongest(found.ste, 1, 1)]).toEqual([1, 4]);
});
