import { Float, TensorToWrite, Tuple } from "../base/torch/pickle";
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

/** A group of the package's optimizer. */
interface TorchGroup {
  readonly decays: boolean;
  readonly members: readonly TorchParameter[];
}

/**
 * Returns the parameters in the order in which the package's optimizer numbers them: core before heads, those with weight decay first,
 * each in the order of the checkpoint. Buffers and parameters without gradients have no number. The package means to exclude the weights of
 * L2 penalties from weight decay, but compares names with and without the prefix `model.`, so it excludes none.
 *
 * @param trained the names of the model's trained weights
 */
function numberedParameters(
  tensors: ReadonlyMap<string, Pick<NamedArray, "shape">>,
  trained: ReadonlySet<string>,
): TorchGroup[] {
  const all = [...tensors].flatMap(([torch, { shape }]): TorchParameter[] => {
    const name = ourName(torch);
    if (name === undefined || /readouts\.\d+\.fc\.bias$/.test(torch)) return [];
    const unused = isUnused(torch, tensors);
    if (unused && !/\.original$/.test(torch))
      return [{ torch, name: name.replace(/bias$/, "fc.bias"), shape }];
    if (unused) return [{ torch, name: undefined, shape }];
    return trained.has(name) ? [{ torch, name, shape }] : [];
  });
  const isDecayed = ({ torch, shape }: TorchParameter) => /\.weight$/.test(torch) && shape.length > 1;
  return [true, false].flatMap((core) =>
    [true, false]
      .map((decays) => ({
        decays,
        members: all.filter((p) => CORE.test(p.torch) === core && isDecayed(p) === decays),
      }))
      .filter(({ members }) => members.length > 0),
  );
}

/** The moments of a checkpoint by gradbook's names, or the reason why they cannot be matched. */
export type MatchedMoments = ReadonlyMap<string, TorchMoments> | string;

/** Matches the optimizer's state with the model's weights, by the numbers and shapes of the parameters. */
export function matchedMoments(
  { tensors, optimizer }: TorchCheckpoint,
  trained: ReadonlySet<string>,
): MatchedMoments {
  if (!optimizer) return "the checkpoint has none of Adam or AdamW";
  const groups = numberedParameters(tensors, trained).map(({ members }) => members);
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

/** The moments of AdamW by gradbook's names of the weights, in the layout of the PyTorch package. */
export interface MomentsToWrite {
  readonly trained: ReadonlySet<string>;
  /** A parameter that no step has moved has no moments. */
  readonly moments: ReadonlyMap<string, TorchMoments>;
  readonly lr: number;
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
}

/**
 * Returns the state of the package's AdamW, as its `state_dict` has it.
 *
 * @param shapes the shapes of the checkpoint's tensors by PyTorch's names, in the order of the package's modules
 */
export function torchOptimizerState(
  shapes: ReadonlyMap<string, Pick<NamedArray, "shape">>,
  { trained, moments, lr, weightDecay, betas, eps }: MomentsToWrite,
): Readonly<Record<string, unknown>> {
  const groups = numberedParameters(shapes, trained);
  const flags = {
    amsgrad: false,
    maximize: false,
    foreach: null,
    capturable: false,
    differentiable: false,
    fused: null,
  };
  const tensor = ({ values, shape }: NamedArray) => new TensorToWrite(values, shape);
  const state = groups
    .flatMap(({ members }) => members)
    .flatMap(({ name }, number) => {
      const own = name === undefined ? undefined : moments.get(name);
      if (!own) return [];
      const step = new TensorToWrite(Float32Array.of(own.step), []);
      return [[number, { step, exp_avg: tensor(own.exp_avg), exp_avg_sq: tensor(own.exp_avg_sq) }] as const];
    });
  let first = 0;
  return {
    state: new Map(state),
    param_groups: groups.map(({ decays, members }) => {
      const params = members.map((_, i) => first + i);
      first += members.length;
      return {
        lr: new Float(lr),
        betas: new Tuple(betas.map((beta) => new Float(beta))),
        eps: new Float(eps),
        weight_decay: new Float(decays ? weightDecay : 0),
        ...flags,
        decoupled_weight_decay: true,
        params,
      };
    }),
  };
}
