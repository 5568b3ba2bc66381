import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { downsample } from "../../lib/data/downsample";
import { filters } from "../../lib/data/filters";
import { splitTrials } from "../../lib/data/split";

interface NamedArray {
  shape: number[];
  data: number[];
}
interface Case {
  name: string;
  params: {
    sampling: { source_rate: number; target_rate: number };
    ops: [{ valid_nlags: { n_lags: number } }];
  };
  inputs: Record<string, NamedArray>;
  outputs: Record<string, NamedArray>;
}
const golden = JSON.parse(readFileSync("test/parity/golden/transforms.json", "utf8")) as Case[];
const named = (start: string) => golden.filter(({ name }) => name.startsWith(start));

test.each(named("downsample"))("$name: equal to the reference", ({ params, inputs, outputs }) => {
  const { stim, robs, eyepos, t_bins, trial_inds, dpi_valid } = inputs as Record<string, NamedArray>;
  const [frames, height, width] = stim!.shape as [number, number, number];
  const done = downsample(
    {
      frames,
      height,
      width,
      stim: Uint8Array.from(stim!.data),
      robs: Float32Array.from(robs!.data),
      eyepos: Float32Array.from(eyepos!.data),
      tBins: Float64Array.from(t_bins!.data),
      trialInds: Int32Array.from(trial_inds!.data),
      dpiValid: Float32Array.from(dpi_valid!.data),
    },
    params.sampling.source_rate / params.sampling.target_rate,
  );
  const close = (found: ArrayLike<number>, name: string) => {
    const { data } = outputs[name]!;
    expect(found.length, name).toBe(data.length);
    for (const [i, value] of data.entries()) expect(found[i], name).toBeCloseTo(value, 5);
  };
  close(done.stim, "stim");
  close(done.robs, "robs");
  close(done.eyepos, "eyepos");
  close(done.tBins, "t_bins");
  close(done.trialInds, "trial_inds");
  close(done.dpiValid, "dpi_valid");
});

test.each(named("valid_nlags"))("$name: equal to the reference", ({ params, inputs, outputs }) => {
  const input = {
    frames: inputs.trial_inds!.data.length,
    trialInds: inputs.trial_inds!.data,
    dpiValid: inputs.dpi_valid!.data,
  };
  const { dfs } = filters.valid_nlags.apply(input, params.ops[0].valid_nlags);
  expect([...dfs]).toEqual(outputs.dfs!.data);
});

test("trials are on one side only, the same ones for the same seed", () => {
  const trials = Int32Array.from({ length: 400 }, (_, t) => Math.floor(t / 20));
  const valid = Int32Array.from({ length: 380 }, (_, t) => t + 20);
  const split = (seed: number) => splitTrials(trials, valid, { share: 0.8, seed });
  const { train, validation } = split(1);
  const of = (frames: Int32Array) => new Set([...frames].map((t) => trials[t]));
  expect([of(train).size, of(validation).size]).toEqual([15, 4]);
  expect([...of(train)].filter((trial) => of(validation).has(trial))).toEqual([]);
  expect(train.length + validation.length).toBe(380);
  expect(split(1)).toEqual({ train, validation });
  expect(split(2)).not.toEqual({ train, validation });
});
