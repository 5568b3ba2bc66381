import { z } from "zod";
import { adaptationKernels, adaptationOptions } from "../base/dsp/adaptation";
import { basisOptions, raisedCosines } from "../base/dsp/raised-cosines";
import { TensorToWrite } from "../base/torch/pickle";
import type { ModelConfig } from "../model";

/** A tensor under the name that the PyTorch package gives it. */
type NamedTensor = readonly [name: string, tensor: TensorToWrite];

/**
 * Returns what the package's checkpoints hold beside the weights: filters and numbers that follow from the options, and the counters of
 * batch norms.
 *
 * @param names the weights' names in the package
 * @param steps the number of batches that the batch norms have seen
 */
export function torchBuffers(
  names: readonly string[],
  { frontend, sampling_rate }: ModelConfig,
  steps: number,
): NamedTensor[] {
  const counters = names
    .filter((name) => name.endsWith(".running_mean"))
    .map((name): NamedTensor => {
      const count = new TensorToWrite(BigInt64Array.of(BigInt(steps)), [], "int64");
      return [name.replace(/running_mean$/, "num_batches_tracked"), count];
    });
  if (frontend.type === "temporal_basis") return [...basisOf(frontend.params), ...counters];
  if (frontend.type === "da") return [...adaptationOf({ sampling_rate, ...frontend.params }), ...counters];
  return counters;
}

/** Returns filters as PyTorch's convolutions take them, the longest lag first. */
const kernels = (filters: readonly (readonly number[])[]) =>
  new TensorToWrite(Float32Array.from(filters.flatMap((filter) => filter.toReversed())), [
    filters.length,
    1,
    filters[0]!.length,
  ]);

const basisOf = (params: unknown): NamedTensor[] => [
  ["model.frontend.basis", kernels(raisedCosines(z.object(basisOptions).parse(params)))],
];

function adaptationOf(params: unknown): NamedTensor[] {
  const options = adaptationOptions.parse(params);
  const { alpha, beta, gamma, tau_y_ms, n_y, tau_z_ms, n_z } = options;
  const numbers = { alpha, beta, gamma, tau_y_ms, n_y, tau_z_ms, n_z };
  const { fast, slow } = adaptationKernels(options);
  const tensors = Object.entries(numbers).map(
    ([name, value]) => [name, new TensorToWrite(Float32Array.of(value), [])] as const,
  );
  const named = [...tensors, ["Ky_filter", kernels([fast])], ["Kz_filter", kernels([slow])]] as const;
  return named.map(([name, tensor]) => [`model.frontend.${name}`, tensor]);
}
