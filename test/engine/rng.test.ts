import { expect, test } from "vitest";
import { compile, dropout, StatelessRng, tf } from "../../lib/engine";
import { owned } from "./owned";

const KINDS = {
  uniform: (rng: StatelessRng, layer: string) => rng.uniform([300], layer),
  normal: (rng: StatelessRng, layer: string) => rng.normal([300], layer),
  keepMask: (rng: StatelessRng, layer: string) => rng.keepMask([300], 0.4, layer),
} as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

const drawn = (kind: Kind, { seed = 7, step = 3, layer = "readout" } = {}) =>
  tf.tidy(() => KINDS[kind](new StatelessRng(seed, tf.scalar(step)), layer).dataSync());

test.each(KIND_NAMES)("%s: repeats its numbers for the same seed, step and layer only", (kind) => {
  const first = drawn(kind);
  expect(drawn(kind)).toEqual(first);
  for (const other of [{ seed: 8 }, { step: 4 }, { layer: "core" }])
    expect(drawn(kind, other), JSON.stringify(other)).not.toEqual(first);
});

test.each(KIND_NAMES)(
  "%s: a compiled function draws new numbers at each step, equal to those of eager execution",
  async (kind) => {
    const draw = owned(compile((step: tf.Scalar) => KINDS[kind](new StatelessRng(7, step), "readout")));
    const results: tf.Tensor[] = [];
    for (const step of [0, 1, 2, 1]) results.push(owned(await draw(step)));
    const [zero, one, two, oneAgain] = results.map((result) => result.dataSync());
    expect(draw.summary()).toHaveLength(1);
    expect(zero).toEqual(drawn(kind, { step: 0 }));
    expect(one).toEqual(drawn(kind, { step: 1 }));
    expect(two).not.toEqual(one);
    expect(oneAgain).toEqual(one);
  },
);

test("accepts the largest int32 as step", async () => {
  const draw = owned(compile((step: tf.Scalar) => new StatelessRng(7, step).uniform([4], "x")));
  const steps = [2 ** 30, 2 ** 30 + 1].map((n) => owned(tf.scalar(n, "int32")));
  const [a, b] = [owned(await draw(steps[0]!)), owned(await draw(steps[1]!))];
  expect(a.dataSync()).not.toEqual(b.dataSync());
});

/** The mean of x·y of independent standardised draws is 0 ± 1/√n. */
test("uniform, normal and mask are uncorrelated within a name and across names, steps and seeds", () => {
  const size = 20_000;
  tf.tidy(() => {
    const draws = (seed: number, step: number) => new StatelessRng(seed, tf.scalar(step));
    const all = [
      draws(7, 3).uniform([size], "a"),
      draws(7, 3).normal([size], "a"),
      draws(7, 3).keepMask([size], 0.5, "a"),
      draws(7, 3).normal([size], "b"),
      draws(7, 4).normal([size], "a"),
      draws(8, 3).normal([size], "a"),
    ].map((x) => tf.div(tf.sub(x, tf.mean(x)), tf.sqrt(tf.moments(x).variance)));
    const correlations = tf
      .einsum("in,jn->ij", tf.stack(all), tf.stack(all))
      .div(size)
      .arraySync() as number[][];
    for (const [i, row] of correlations.entries())
      for (const [j, value] of row.entries())
        if (i !== j) expect(Math.abs(value), `${i} and ${j}`).toBeLessThan(5 / Math.sqrt(size));
  });
});

test("has the moments of a uniform on [0, 1), of a standard normal, and of the kept share", () => {
  const n = 100_000;
  const moments = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x);
    return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]! };
  };
  tf.tidy(() => {
    const rng = new StatelessRng(1, tf.scalar(0));
    const uniform = rng.uniform([n], "x");
    expect(moments(uniform).mean).toBeCloseTo(1 / 2, 2);
    expect(moments(uniform).variance).toBeCloseTo(1 / 12, 2);
    expect(uniform.min().dataSync()[0]).toBeGreaterThanOrEqual(0);
    expect(uniform.max().dataSync()[0]).toBeLessThan(1);
    const normal = moments(rng.normal([n], "x"));
    expect(normal.mean).toBeCloseTo(0, 1);
    expect(Math.abs(normal.variance - 1)).toBeLessThan(0.03);
    expect(moments(rng.keepMask([n], 0.3, "x")).mean).toBeCloseTo(0.7, 2);
  });
});

test("keeps the mean in dropout, with the same mask for value and gradient", async () => {
  const step = owned(
    compile((x: tf.Tensor, n: tf.Scalar) => {
      const f = (x: tf.Tensor) => dropout(x, 0.25, new StatelessRng(3, n), "input");
      return [f(x), tf.grad(f)(x)] as const;
    }),
  );
  const x = owned(tf.ones([50_000]));
  const [value, gradient] = await step(x, 11);
  owned(value);
  owned(gradient);
  expect(new Set(value.dataSync())).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  expect(gradient.dataSync()).toEqual(value.dataSync());
  expect(tf.tidy(() => value.mean().dataSync()[0]!)).toBeCloseTo(1, 1);
});

test("returns x itself for dropout 0, and rejects a rate that drops everything", () => {
  tf.tidy(() => {
    const rng = new StatelessRng(1, tf.scalar(0));
    const x = tf.ones([2]);
    expect(dropout(x, 0, rng, "core")).toBe(x);
    for (const rate of [1, -0.1, Number.NaN])
      expect(() => dropout(x, rate, rng, "core")).toThrow(
        `The dropout rate of core is ${rate}; it must be at least 0 and below 1.`,
      );
  });
});
