import { expect } from "vitest";
import type { PreparedSession } from "../../../lib/data";
import { downsample, downsamplingFactor } from "../../../lib/data/downsample";
import { filters } from "../../../lib/data/filters";
import { tf } from "../../../lib/engine";
import { DistributedSampler } from "../../../lib/samplers";
import { ResidentData } from "../../../lib/twin/resident";
import { type Check, expectClose, type GoldenArray, type GoldenCase, NotYet } from "../golden";

const missing = (what: string): never => {
  throw new NotYet(`the library has no ${what} yet`);
};

/** Each rank's share of the samples. */
function distributed({ params, outputs }: GoldenCase): void {
  const {
    length,
    num_replicas: worldSize,
    shuffle,
    drop_last: dropLast,
  } = params as {
    length: number;
    num_replicas: number;
    shuffle: boolean;
    drop_last: boolean;
  };
  const found = Array.from({ length: worldSize }, (_, rank) =>
    Array.from(new DistributedSampler(length, { shuffle, rank, worldSize, dropLast }).indices()),
  );
  expect(found.flat()).toEqual(outputs.indices!.data);
}

export const sampler: Check = (golden) =>
  golden.params.num_replicas ? distributed(golden) : missing(golden.name);

/** The samples that the twin serves of a movie: `[B, lags, H, W, 1]`, normalised. */
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
  const { stim } = resident.samples(tf.tensor1d([...frames], "int32"), dataset);
  resident.dispose();
  return stim!;
}

function pixelnorm({ inputs, outputs }: GoldenCase): void {
  const x = inputs.x!;
  const frames = Array.from({ length: x.shape[0]! }, (_, t) => t);
  const found = tf.tidy(() => served(x, frames, [0]).dataSync());
  expectClose("y", found, outputs.y!);
}

/** Lags are gathered when a sample is served; the bytes are normalised then too. */
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
  };
  for (const [name, golden] of Object.entries(outputs))
    expectClose(name, names[name] ?? missing(`covariate ${name}`), golden);
}

/** All filters of a case, ANDed. */
function filtered({ inputs, outputs, params }: GoldenCase): void {
  const names = (params.ops as Record<string, unknown>[]).flatMap((op) => Object.entries(op));
  const frames = outputs.dfs!.shape[0]!;
  const dfs = new Float32Array(outputs.dfs!.data.length).fill(1);
  for (const [name, options] of names) {
    if (!Object.hasOwn(filters, name)) missing(`data filter ${name}`);
    const filter = filters[name as keyof typeof filters];
    const given = { frames, trialInds: inputs.trial_inds!.data, dpiValid: inputs.dpi_valid!.data };
    const { dfs: keep, columns } = filter.apply(given, filter.options.parse(options));
    const all = dfs.length / frames;
    dfs.forEach((value, i) => {
      dfs[i] = value * keep[columns === 1 ? Math.floor(i / all) : i]!;
    });
  }
  expectClose("dfs", dfs, outputs.dfs!);
}

export const transform: Check = (golden) => {
  const { params, outputs } = golden;
  if (params.sampling) return downsampled(golden);
  if (params.keys_lags) return lagged(golden);
  if (outputs.dfs) return filtered(golden);
  const ops = ((params.ops ?? []) as Record<string, unknown>[]).flatMap((op) => Object.keys(op));
  if (ops[0] === "pixelnorm") return pixelnorm(golden);
  missing(ops.length > 0 ? `transform ${ops.join(", ")}` : "transforms of behaviour");
};
