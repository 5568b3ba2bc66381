import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks";
import { type Recording, type ResponseKind, writeSession } from "../../lib/data";
import { tf } from "../../lib/engine";
import { evaluate } from "../../lib/evaluation";
import { evaluationPictures } from "../../lib/evaluation/report/pictures";
import { parseModelConfig } from "../../lib/model";
import { Trainer } from "../../lib/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import { newFolder } from "../new-folder";

const dir = newFolder();
const [FRAMES, UNITS] = [600, 3];

/** A stimulus of one pixel that the units follow: unit 0 directly, unit 1 inverted, unit 2 weakly; between 0 and 2. */
const pixel = (t: number) => 0.5 + 0.5 * Math.sin(t / 7) * Math.cos(t / 11);
const noise = (t: number, unit: number) => (((t * 7919 + unit * 104729) % 1000) / 1000 - 0.5) * 0.4;
function clean(t: number, unit: number): number {
  const drive = 2 * pixel(t);
  return unit === 0 ? drive : unit === 1 ? 2 - drive : 1 + 0.2 * (drive - 1);
}

async function sessions(responses: ResponseKind, map: (response: number) => number): Promise<string> {
  const robs = Float32Array.from({ length: FRAMES * UNITS }, (_, i) => {
    const [t, unit] = [Math.floor(i / UNITS), i % UNITS];
    return map(clean(t, unit) + noise(t, unit));
  });
  const movie: Recording = {
    frames: FRAMES,
    height: 1,
    width: 1,
    others: {},
    robs,
    stim: Uint8Array.from({ length: FRAMES }, (_, t) => Math.round(255 * pixel(t))),
    eyepos: new Float32Array(FRAMES * 2),
    tBins: Float64Array.from({ length: FRAMES }, (_, t) => t / 60),
    trialInds: Int32Array.from({ length: FRAMES }, (_, t) => Math.floor(t / 20)),
    dpiValid: new Float32Array(FRAMES).fill(1),
  };
  const about = { name: "ada_1", samplingRate: 60, pixelsPerDegree: 1, cids: [1, 2, 3], responses };
  await writeSession(join(dir, "ada_1.h5"), { ...about, recordings: { movie } });
  writeFileSync(join(dir, "ada_1.yaml"), "cids: [1, 2, 3]");
  const file = join(dir, "all.yaml");
  writeFileSync(file, JSON.stringify({ types: ["movie"], sessions: ["ada_1"] }));
  return file;
}

function model(more: object): string {
  const file = join(dir, "model.yaml");
  writeFileSync(file, JSON.stringify({ readout: { type: "linear" }, ...more }));
  return file;
}

const KINDS = [
  { loss: "mse", output_activation: "identity", responses: "zscores", map: (r: number) => r - 1 },
  { loss: "gaussian", output_activation: "identity", responses: "calcium", map: (r: number) => 5 * (r - 1) },
  { loss: "gamma", output_activation: "elu1", responses: "rates", map: (r: number) => 0.3 + Math.abs(r) },
  {
    loss: "zero_inflated_gamma",
    output_activation: "exp",
    responses: "calcium",
    map: (r: number) => (r < 0.4 ? 0 : r),
  },
  { loss: "poisson", output_activation: "softplus", responses: "calcium", map: (r: number) => Math.abs(r) },
] as const;

test.each(KINDS)(
  "trains $loss on $responses, scored by correlation",
  async ({ loss, output_activation, responses, map }) => {
    const twin = await loadExperiment({
      model: model({ loss, output_activation }),
      sessions: await sessions(responses, map),
    });
    expect(twin.monitor).toEqual({ monitor: "val_corr_overall", mode: "max" });
    // Each unit starts at its mean response.
    const { robs, train, validation } = twin.sessions[0]!;
    const rates = await twin.predict(0, train);
    const means = [0, 1, 2].map((unit) => {
      const average = (of: (t: number, i: number) => number) =>
        Array.from(train, of).reduce((a, b) => a + b, 0) / train.length;
      return [average((_, i) => rates[i * UNITS + unit]!), average((t) => robs[t * UNITS + unit]!)] as const;
    });
    for (const [predicted, recorded] of means) expect(Math.abs(predicted - recorded)).toBeLessThan(0.7);
    const checkpoint = new ModelCheckpoint({ ...twin.monitor, saveTopK: 1 });
    const run = await new Trainer({
      batchSize: 64,
      maxEpochs: 8,
      seed: 1,
      callbacks: [checkpoint],
      optimizer: { type: "adam", lr: 0.05 },
      dir: join(dir, "runs"),
      name: loss,
    }).fit(twin);
    const last = run.history.at(-1)!;
    expect(Object.keys(last).filter((name) => name.startsWith("val_"))).toEqual(
      expect.arrayContaining([
        "val_corr_overall",
        "val_corr/ada",
        "val_corr/ada_1",
        "val_loss",
        "val_loss/ada_1",
      ]),
    );
    expect(Object.keys(last).some((name) => name.includes("bps"))).toBe(false);
    expect(last.val_corr_overall).toBeGreaterThan(0.6);
    // The correlation is that of the predictions.
    const found = await twin.predict(0, validation);
    const correlations = [0, 1, 2].map((unit) => {
      const [r, p] = [validation, validation].map((frames, which) =>
        Array.from(frames, (t, i) => (which ? found[i * UNITS + unit]! : robs[t * UNITS + unit]!)),
      ) as [number[], number[]];
      const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
      const covariance = (x: number[], y: number[]) =>
        mean(x.map((v, i) => (v - mean(x)) * (y[i]! - mean(y))));
      return covariance(r, p) / Math.sqrt(covariance(r, r) * covariance(p, p));
    });
    expect(last.val_corr_overall).toBeCloseTo(correlations.reduce((a, b) => a + b) / 3, 3);
    twin.dispose();
  },
);

test("starts the variance and the shape at the moments of the responses", async () => {
  const file = await sessions("calcium", (r) => 10 + r);
  const of = async (loss: string, weight: string) => {
    const twin = await loadExperiment({ model: model({ loss }), sessions: file });
    const { robs, train } = twin.sessions[0]!;
    const own = Array.from(train, (t) => robs[t * UNITS]!);
    const mean = own.reduce((a, b) => a + b) / own.length;
    const variance = own.reduce((sum, r) => sum + (r - mean) ** 2, 0) / own.length;
    const first = Math.exp(tf.tidy(() => twin.model.variable(weight).dataSync()[0]!));
    twin.dispose();
    return { mean, variance, first };
  };
  const gaussian = await of("gaussian", "response_variance.0");
  expect(gaussian.first / gaussian.variance).toBeCloseTo(1, 3);
  const gamma = await of("gamma", "response_shape.0");
  expect(gamma.first).toBeCloseTo(Math.min(100, gamma.mean ** 2 / gamma.variance), 3);
});

test("refuses losses that do not fit the responses or the output activation", async () => {
  const negative = await sessions("zscores", (r) => r - 1);
  const load = (more: object, file: string) =>
    loadExperiment({ model: model(more), sessions: file }).then(
      () => "nothing",
      ({ message }: Error) => message.replaceAll(`${dir}/`, ""),
    );
  expect(await load({ loss: "poisson" }, negative)).toMatch(
    /^model.yaml: loss: poisson needs responses of 0 or more, but unit \d of ada_1 has -[\d.]+ at frame \d+; use gaussian or mse$/,
  );
  const zeros = await sessions("calcium", (r) => (r < 0.4 ? 0 : r));
  expect(await load({ loss: "gamma" }, zeros)).toMatch(
    /^model.yaml: loss: gamma needs responses over 0, but unit \d of ada_1 has 0 at frame \d+; use zero_inflated_gamma for responses of 0 or more, else gaussian or mse$/,
  );
  expect(() =>
    parseModelConfig({ readout: { type: "linear" }, output_activation: "identity" }, "model.yaml"),
  ).toThrow(
    'model.yaml: output_activation: "identity" gives rates below 0, which the loss poisson cannot have; use softplus, relu, none, exp, elu1, or the loss mse or gaussian',
  );
});

test("evaluates responses that are not counts without bits per spike", async () => {
  const twin = await loadExperiment({
    model: model({ loss: "mse", output_activation: "identity" }),
    sessions: await sessions("zscores", (r) => r - 1),
  });
  const evaluation = await evaluate(twin, { rescale: "affine" });
  expect(evaluation.isOfCounts).toBe(false);
  expect(Object.keys(evaluation.metrics())).toEqual(["eval/correlation"]);
  expect(evaluation.units.every(({ correlation }) => Math.abs(correlation) <= 1)).toBe(true);
  expect(String(evaluation.table())).not.toMatch(/spike/);
  for (const { name, caption, figure } of evaluationPictures(evaluation))
    expect(`${name} ${caption} ${figure.svgBundle()["image/svg+xml"]}`).not.toMatch(/spike/);
  twin.dispose();
});

test("warns of an output that cannot be negative as the responses are", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const file = await sessions("zscores", (r) => r - 1);
  const said = async (more: object) => {
    warn.mockClear();
    (await loadExperiment({ model: model({ loss: "mse", ...more }), sessions: file })).dispose();
    return warn.mock.calls.flat().map((text) => String(text).replaceAll(`${dir}/`, ""));
  };
  expect(await said({})).toEqual([
    expect.stringMatching(
      /^model.yaml: output_activation: softplus gives no response below 0, but \d\d % of the responses of ada_1 are; use identity$/,
    ),
  ]);
  expect(await said({ output_activation: "identity" })).toEqual([]);
  warn.mockRestore();
});
