import { expect } from "vitest";
import type { PreparedSession } from "../../../lib/data";
import { downsample, downsamplingFactor } from "../../../lib/data/downsample";
import { applyFilters } from "../../../lib/data/filters";
import type { Op } from "../../../lib/data/ops";
import { ResidentData } from "../../../lib/data/serving/resident";
import type { Covariate } from "../../../lib/data/session";
import { validFrames } from "../../../lib/data/split-trials";
import { type Pipeline, runOps, runPipelines } from "../../../lib/data/transforms";
import { tf } from "../../../lib/engine";
import { type Check, expectClose, type GoldenArray, type GoldenCase } from "../golden";

/** Returns the samples that the twin serves for a movie: `[B, lags, H, W, 1]`, normalised. */
function served({ shape, data }: GoldenArray, frames: readonly number[], lags: number[]): tf.Tensor5D {
  const [length, height, width] = shape as [number, number, number];
  const session = {
    frames: length,
    height,
    width,
    lags,
    cids: [0],
    stim: Uint8Array.from(data),
    robs: new Float32Array(length),
    dfs: new Float32Array(length).fill(1),
    dfsColumns: 1,
  } as unknown as PreparedSession;
  const resident = new ResidentData([session], { stim: true });
  const dataset = tf.zeros([frames.length], "int32") as tf.Tensor1D;
  const { stim } = resident.samples({ frame: tf.tensor1d([...frames], "int32"), dataset });
  resident.dispose();
  return stim!;
}

/** Compares the normalisation of a movie's bytes, which happens when they are served, with the transform. */
function servedMovie({ inputs, outputs }: GoldenCase): void {
  const x = inputs.x!;
  const frames = Array.from({ length: x.shape[0]! }, (_, t) => t);
  const found = tf.tidy(() => served(x, frames, [0]).dataSync());
  expectClose("y", found, outputs.y!);
}

/** Compares the gathering of lags and the normalisation of bytes, which happen when a sample is served. */
function lagged({ inputs, outputs, params }: GoldenCase): void {
  const { stim: lags } = params.keys_lags as { stim: number[] };
  const oldestFirst = [...lags].sort((a, b) => b - a);
  const stim = tf.tidy(() => served(inputs.stim!, [params.index as number], oldestFirst).dataSync());
  const normalised = outputs.stim!.data.map((byte) => (byte - 127) / 255);
  expectClose("stim", stim, { shape: outputs.stim!.shape, data: normalised });
}

function downsampled({ inputs, outputs, params }: GoldenCase): void {
  const [frames, height, width] = inputs.stim!.shape as [number, number, number];
  const of = (name: string) => inputs[name]!.data;
  const factor = downsamplingFactor(
    params.sampling as { source_rate: number; target_rate: number },
    "golden",
  );
  const found = downsample(
    {
      frames,
      height,
      width,
      stim: Uint8Array.from(of("stim")),
      robs: Float32Array.from(of("robs")),
      eyepos: Float32Array.from(of("eyepos")),
      tBins: Float64Array.from(of("t_bins")),
      trialInds: Int32Array.from(of("trial_inds")),
      dpiValid: Float32Array.from(of("dpi_valid")),
      others: {
        psth_inds: {
          shape: inputs.psth_inds!.shape,
          values: Float32Array.from(of("psth_inds")),
          whole: true,
        },
      },
    },
    factor,
  );
  const names: Record<string, ArrayLike<number>> = {
    stim: found.stim,
    robs: found.robs,
    eyepos: found.eyepos,
    t_bins: found.tBins,
    trial_inds: found.trialInds,
    dpi_valid: found.dpiValid,
    ...Object.fromEntries(Object.entries(found.others).map(([name, { values }]) => [name, values])),
  };
  for (const [name, golden] of Object.entries(outputs)) expectClose(name, names[name] ?? [], golden);
}

/** Compares the conjunction of all filters of a case, and the remaining frames. */
function filtered({ inputs, outputs, params }: GoldenCase): void {
  const [frames, units] = outputs.dfs!.shape as [number, number];
  const absent = new Float32Array(frames);
  const input = {
    frames,
    trialInds: inputs.trial_inds?.data ?? absent,
    dpiValid: inputs.dpi_valid?.data ?? absent,
    missingPct: () => inputs.missing_pct?.data,
  };
  const { dfs, columns } = applyFilters(input, params.ops as Op[], "golden");
  expect(columns).toBe(units);
  expectClose("dfs", dfs, outputs.dfs!);
  const { valid_indices } = outputs;
  if (valid_indices) expect(validFrames(dfs, columns)).toEqual(Int32Array.from(valid_indices.data));
}

function covariate({ shape, data }: GoldenArray): Covariate {
  return { shape, values: Float32Array.from(data) };
}

function expectCovariate(name: string, { shape, values }: Covariate, golden: GoldenArray): void {
  expect(shape, `${name}: shape`).toEqual(golden.shape);
  expectClose(name, values, golden);
}

function pipeline(golden: GoldenCase): void {
  const { params, inputs, outputs } = golden;
  const context = { where: "golden", columns: (params.cids ?? []) as number[] };
  if (!params.transforms) {
    const ops = params.ops as Op[];
    expectCovariate("y", runOps(covariate(inputs.x!), ops, context), outputs.y!);
    if (ops[0] && "pixelnorm" in ops[0]) servedMovie(golden);
    return;
  }
  const covariates = Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [name, covariate(array)]),
  );
  const exposed = runPipelines(covariates, params.transforms as Record<string, Pipeline>, context);
  for (const [name, output] of Object.entries(outputs)) expectCovariate(name, exposed[name]!, output);
}

export const transform: Check = (golden) => {
  const { params, outputs } = golden;
  if (params.sampling) return downsampled(golden);
  if (params.keys_lags) return lagged(golden);
  return outputs.dfs ? filtered(golden) : pipeline(golden);
};
