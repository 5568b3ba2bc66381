import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { correlation } from "../../lib/metrics/correlation";
import { repeatScores } from "../../lib/metrics/repeats";
import { runPython } from "../python/python";

/** Poisson counts around a rate that all repeats share, and a prediction of it. */
function simulate(seed: number, { repeats, bins }: { repeats: number; bins: number }) {
  const random = new Random(seed, "repeats");
  const rate = Array.from({ length: bins }, () => Math.exp(0.7 * random.normal()));
  return {
    repeats: Array.from({ length: repeats }, () => rate.map((r) => random.poisson(r))),
    prediction: rate.map((r) => 0.5 * r + 0.3 * random.normal() + 0.2),
    rate,
  };
}

test("CCnorm, its ceiling, the oracle and explained variance equal numpy's results", async () => {
  const cases = [2, 7, 20].map((repeats, i) => simulate(i, { repeats, bins: 150 + i }));
  const expected = JSON.parse(
    await runPython(
      `
import json, sys
import numpy as np
out = []
for case in json.loads(sys.argv[1]):
    R, p = np.array(case["repeats"]), np.array(case["prediction"])
    N, T = R.shape
    # Sahani & Linden 2003, equation 1, written over all repeats: power of the mean less its share of noise.
    total = np.mean([np.cov(r) for r in R])
    sp = (np.var(R.sum(axis=0), ddof=1) - np.sum(np.var(R, axis=1, ddof=1))) / (N * (N - 1))
    # Schoppe et al. 2016, equations 5 to 9.
    y = R.mean(axis=0)
    cc_abs = np.corrcoef(p, y)[0, 1]
    noise_power = total - sp
    cc_max = 1 / np.sqrt(1 + (1 / N) * (noise_power / sp))
    # Cadena et al. 2019, equation 12.
    noise = np.mean(np.var(R, axis=0, ddof=1))
    fev = 1 - (np.mean((R - p) ** 2) - noise) / (np.var(R.ravel(), ddof=1) - noise)
    oracle = np.mean([np.corrcoef(R[i], np.delete(R, i, 0).mean(axis=0))[0, 1] for i in range(N)])
    out.append([sp / total, cc_max, cc_abs, cc_abs / cc_max, fev, oracle])
print(json.dumps(out))
`,
      [JSON.stringify(cases)],
    ),
  ) as number[][];
  cases.forEach(({ repeats, prediction }, i) => {
    const scores = repeatScores(repeats, prediction);
    const { explainable, ccMax, ccAbs, ccNorm, explained, oracle } = scores;
    [explainable, ccMax, ccAbs, ccNorm, explained, oracle].forEach((value, k) => {
      expect(value).toBeCloseTo(expected[i]![k]!, 9);
    });
  });
});

test("gives the true rate a normalised correlation of about 1, its negative -1, and noise 0", () => {
  const { repeats, rate } = simulate(4, { repeats: 10, bins: 5000 });
  expect(repeatScores(repeats, rate).ccNorm).toBeCloseTo(1, 1);
  expect(repeatScores(repeats, rate).explained).toBeCloseTo(1, 1);
  const turned = rate.map((r) => -r);
  expect(repeatScores(repeats, turned).ccNorm).toBeCloseTo(-1, 1);
  const random = new Random(9, "noise");
  const noise = rate.map(() => random.normal());
  expect(Math.abs(repeatScores(repeats, noise).ccNorm)).toBeLessThan(0.1);
});

test("uses the plain correlation for repeats without noise, with ceiling and oracle 1", () => {
  const response = [0, 1, 4, 2, 0, 3];
  const scores = repeatScores([response, response, response], [response, response, response]);
  expect(Object.values(scores).map((value) => Number(value.toFixed(12)))).toEqual([1, 1, 1, 1, 1, 1]);
});

test("gives no normalised scores to a unit without signal over repeats", () => {
  const { ccNorm, ccMax, explained } = repeatScores(
    [
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ],
    [0, 1, 0, 1],
  );
  expect([ccNorm, ccMax, explained]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test("rejects a single repeat and repeats of different lengths", () => {
  expect(() => repeatScores([[1, 2]], [1, 2])).toThrow("repeatScores: needs two repeats or more; got 1");
  expect(() => repeatScores([[1, 2], [1, 2]], [1, 2, 3])).toThrow(
    "repeatScores: all repeats and predictions must have 2 bins",
  ); // biome-ignore format: short
  expect(() => correlation([1, 2], [1])).toThrow("correlation: the series have 2 and 1 values");
});
