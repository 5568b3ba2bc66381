import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { gaborFilter, randomUnit } from "../../lib/data/simulate/unit";
import { compile, tf } from "../../lib/engine";
import {
  attributions,
  contrastiveInput,
  contrastTuning,
  diverseInputs,
  gratings,
  gratingTuning,
  jacobian,
  metamers,
  mostExcitingInputs,
  mostInhibitingInputs,
  naturalWindows,
  present,
  receptiveFields,
  sizeTuning,
  trueModel,
} from "../../lib/insilico";
import { correlation } from "../../lib/metrics/correlation";
import { VIEW } from "./view";

const random = new Random(3, "units of experiments");
const units = Array.from({ length: 12 }, (_, i) => randomUnit(i, 17, random));
const observer = trueModel(units, VIEW);
const view = VIEW;
const PIXELS = 17 * 17;
const tuning = gratingTuning(observer);

/** The orientation of a unit's bars in degrees, counter-clockwise from horizontal: the simulator's angle is the normal's, downwards. */
const barsOf = (radians: number) => (90 - (radians * 180) / Math.PI + 360) % 180;
const apart = (a: number, b: number) => Math.abs(((a - b + 270) % 180) - 90);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

test("grating tuning recovers orientation, spatial frequency and kind of the simulator's units", async () => {
  const found = await tuning;
  const errors = units.map(({ orientation }, i) => apart(found[i]!.orientation, barsOf(orientation)));
  const ratios = units.map(({ wavelength }, i) => found[i]!.spatialFrequency / (12 / wavelength));
  expect(median(errors)).toBeLessThan(1);
  expect(Math.max(...errors)).toBeLessThan(5);
  expect(median(ratios.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(0.05);
  expect(found.map(({ kind }) => kind)).toEqual(units.map(({ kind }) => kind));
  for (const { circularVariance, orientationIndex, directionIndex, directionFit } of found) {
    expect(circularVariance).toBeLessThan(0.6);
    expect(orientationIndex).toBeGreaterThan(0.7);
    // The simulator's units are separable in space and time, so they have no preferred direction.
    expect(Math.abs(directionIndex)).toBeLessThan(0.05);
    expect(directionFit.r2).toBeGreaterThan(0.95);
  }
});

test("contrast and size are measured at each unit's own grating", async () => {
  const found = await tuning;
  const contrast = await contrastTuning(observer, found);
  for (const { curve, fit } of contrast) {
    expect(fit.r2).toBeGreaterThan(0.99);
    expect(curve.responses).toEqual([...curve.responses].sort((a, b) => a - b));
  }
  const { centres } = await receptiveFields(observer, naturalWindows(view, 20));
  const errors = units.map(({ x, y }, i) => Math.hypot(centres[i]!.x - x / 12, centres[i]!.y + y / 12));
  expect(median(errors)).toBeLessThan(0.08);
  const size = await sizeTuning(observer, found, centres);
  for (const [i, { preferred, suppression }] of size.entries()) {
    expect(preferred).toBeGreaterThan((2 * units[i]!.sigma) / 12);
    expect(suppression).toBeGreaterThanOrEqual(0);
  }
});

test("the gradient of a simple unit is its own filter", async () => {
  const { mean } = await receptiveFields(observer, naturalWindows(view, 20));
  for (const [i, unit] of units.entries()) {
    if (unit.kind === "complex") continue;
    const field = mean.subarray(i * 11 * PIXELS, (i + 1) * 11 * PIXELS);
    const kernel = view.lags.map((lag) => unit.temporalKernel[lag] ?? 0);
    const best = kernel.indexOf(Math.max(...kernel));
    const frame = field.slice(best * PIXELS, (best + 1) * PIXELS);
    expect(correlation(frame, gaborFilter(17, unit))).toBeGreaterThan(0.9);
  }
});

test("a Jacobian equals differences of rates, and attributions add up to the response", async () => {
  const window = naturalWindows(view, 1, { seed: 2 }).values;
  const { rates, values } = await jacobian(observer, window);
  const [blank, attributed] = [(await jacobian(observer)).rates, await attributions(observer, window, 128)];
  const step = compile((x: tf.Tensor4D) => observer.rates(x));
  const ratesOf = async (shown: Float32Array) => {
    const result = await step(tf.tensor4d(shown, [1, 11, 17, 17]));
    return result.dataSync();
  };
  const pixel = 8 * PIXELS + 8 * 17 + 8;
  const [more, less] = [window.slice(), window.slice()];
  more[pixel]! += 0.01;
  less[pixel]! -= 0.01;
  const [up, down] = [await ratesOf(more), await ratesOf(less)];
  for (const u of units.keys()) {
    const slope = (up[u]! - down[u]!) / 0.02;
    expect(values[u * 11 * PIXELS + pixel]!).toBeCloseTo(slope, 3);
    const sum = attributed.subarray(u * 11 * PIXELS, (u + 1) * 11 * PIXELS).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(rates[u]! - blank[u]!, 2);
  }
});

test("a most exciting input drives its unit more than any of 1,000 natural pictures and all gratings", async () => {
  const inputs = await mostExcitingInputs(observer, { steps: 100 });
  const { values, count } = naturalWindows(view, 1000);
  const step = compile((x: tf.Tensor4D) => observer.rates(x));
  const shown = await step(tf.tensor4d(values, [count, 11, 17, 17]));
  const natural = shown.max(0).dataSync();
  const angles = Array.from({ length: 12 }, (_, i) => 30 * i);
  const all = angles.flatMap((direction) =>
    [1, 1.5, 2.2, 3].flatMap((spatialFrequency) =>
      [0, 8, 15].flatMap((temporalFrequency) =>
        angles.map((phase) => ({ direction, spatialFrequency, temporalFrequency, phase })),
      ),
    ),
  );
  const rates = await present(observer, gratings, all);
  for (const [u, { rate, agreement, unit }] of inputs.entries()) {
    const best = Math.max(...all.map((_, g) => rates[g * units.length + u]!));
    expect(rate, unit).toBeGreaterThan(natural[u]!);
    expect(rate, unit).toBeGreaterThan(best);
    // A complex unit has no preferred phase, so its seeds end at different ones.
    if (units[u]!.kind === "simple") expect(agreement!, unit).toBeGreaterThan(0.8);
  }
  const inhibiting = await mostInhibitingInputs(observer, { steps: 20, seeds: 1 });
  for (const [u, { rate }] of inhibiting.entries()) expect(rate).toBeLessThan(inputs[u]!.rate / 10);
});

test("limits the norm and the range of inputs, and shows still images", async () => {
  const [found] = await mostExcitingInputs(observer, { rms: 0.1, range: 0.5, still: true, steps: 30 });
  const { input } = found!;
  expect(input.length).toBe(PIXELS);
  expect(Math.sqrt(input.reduce((sum, x) => sum + x * x, 0) / PIXELS)).toBeLessThanOrEqual(0.1001);
  expect(Math.max(...input.map(Math.abs))).toBeLessThanOrEqual(0.5);
});

test("diverse inputs drive a complex unit with different phases", async () => {
  const unit = units.findIndex(({ kind }) => kind === "complex");
  const best = (await mostExcitingInputs(observer, { steps: 60, seeds: 1 }))[unit]!.rate;
  const { inputs, rates } = await diverseInputs(observer, unit, best, { count: 4, steps: 100 });
  const each = Array.from({ length: 4 }, (_, i) => inputs.slice(i * 11 * PIXELS, (i + 1) * 11 * PIXELS));
  for (const i of each.keys()) {
    expect(rates[i * units.length + unit]! / best).toBeGreaterThan(0.75);
    for (const j of each.keys()) if (j > i) expect(correlation(each[i]!, each[j]!)).toBeLessThan(0.5);
  }
});

test("a contrastive input drives one unit and not the others; metamers evoke the rates of a picture", async () => {
  const best = (await mostExcitingInputs(observer, { steps: 60, seeds: 1 })).map(({ rate }) => rate);
  const { rates } = await contrastiveInput(observer, [0], { scales: best, steps: 80 });
  const relative = Array.from(rates, (rate, u) => rate / best[u]!);
  expect(relative[0]!).toBeGreaterThan(0.3);
  expect(median(relative.slice(1))).toBeLessThan(relative[0]! / 3);
  const picture = naturalWindows(view, 1, { seed: 5 }).values;
  const aim = (await jacobian(observer, picture)).rates;
  const { inputs, rates: evoked } = await metamers(observer, aim, { count: 2, steps: 200 });
  for (const m of [0, 1]) {
    const own = evoked.slice(m * units.length, (m + 1) * units.length);
    expect(correlation(own, Float32Array.from(aim))).toBeGreaterThan(0.95);
    expect(Math.abs(correlation(inputs.slice(m * 11 * PIXELS, (m + 1) * 11 * PIXELS), picture))).toBeLessThan(
      0.7,
    );
  }
});
