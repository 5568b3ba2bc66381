import type { ModelConfig } from "../model";
import { replacesDecay } from "../model/regularizers/config";
import type { ModelWeight } from "../model/weights";
import type { NamedArray } from "../trainer/checkpoint/safetensors";
import type { TorchCheckpoint, TorchMoments } from "./torch-checkpoint";
import { isUnused, ourName } from "./torch-names";

/** A parameter of the PyTorch package's optimizer. */
interface TorchParameter {
  readonly torch: string;
  /** Gradbook's name; undefined for one that nothing depends on. */
  readonly name: string | undefined;
  readonly shape: readonly number[];
}

/** Parts of the names that the package counts as the core. */
const CORE = /frontend|convnet|modulator/;

/**
 * Returns the parameters in the order in which the package's optimizer numbers them: core before heads, those with weight decay first,
 * each in the order of the checkpoint. Buffers and parameters without gradients have no number.
 *
 * @param weights the model's weights
 */
function numberedParameters(
  tensors: ReadonlyMap<string, NamedArray>,
  weights: readonly ModelWeight[],
  config: ModelConfig,
): TorchParameter[][] {
  const specs = new Map(weights.map((weight) => [weight.name, weight]));
  const all = [...tensors].flatMap(([torch, { shape }]): TorchParameter[] => {
    const name = ourName(torch);
    if (name === undefined || /readouts\.\d+\.fc\.bias$/.test(torch)) return [];
    const unused = isUnused(torch, tensors);
    if (unused && !/\.original$/.test(torch))
      return [{ torch, name: name.replace(/bias$/, "fc.bias"), shape }];
    if (unused) return [{ torch, name: undefined, shape }];
    const spec = specs.get(name);
    return spec && (spec.trained ?? true) ? [{ torch, name, shape }] : [];
  });
  const decays = ({ torch, name, shape }: TorchParameter) =>
    /\.weight$/.test(torch) &&
    shape.length > 1 &&
    !(name !== undefined && replacesDecay(config.regularization, name));
  return [true, false].flatMap((core) =>
    [true, false]
      .map((decay) => all.filter((p) => CORE.test(p.torch) === core && decays(p) === decay))
      .filter((group) => group.length > 0),
  );
}

/** The moments of a checkpoint by gradbook's names, or the reason why they cannot be matched. */
export type MatchedMoments = ReadonlyMap<string, TorchMoments> | string;

/** Matches the optimizer's state with the model's weights, by the numbers and shapes of the parameters. */
export function matchedMoments(
  { tensors, optimizer }: TorchCheckpoint,
  weights: readonly ModelWeight[],
  config: ModelConfig,
): MatchedMoments {
  if (!optimizer) return "the checkpoint has none of Adam or AdamW";
  const groups = numberedParameters(tensors, weights, config);
  const counts = (sizes: readonly number[]) => `groups of ${sizes.join(", ")} parameters`;
  const [here, there] = [groups.map((group) => group.length), optimizer.groups.map(({ count }) => count)];
  if (String(here) !== String(there)) return `it has ${counts(there)}, but the model has ${counts(here)}`;
  const matched = new Map<string, TorchMoments>();
  for (const [number, { torch, name, shape }] of groups.flat().entries()) {
    const moments = optimizer.moments.get(number);
    if (!moments || name === undefined) continue;
    if (String(moments.exp_avg.shape) !== String(shape))
      return `its parameter ${number} has shape [${moments.exp_avg.shape}], but ${torch} has [${shape}]`;
    matched.set(name, moments);
  }
  return matched;
}
