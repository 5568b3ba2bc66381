import type { ModelConfig } from "../model";
import type { NamedArray } from "../trainer/checkpoint/safetensors";
import type { Mapping } from "./torch-config";
import { ourName } from "./torch-names";
import { isAsItIs, isOfLags, lagsReversed, ORDER, transposed } from "./torch-weights";

/** A weight under the name and in the layout of the PyTorch package. */
export type TorchWeight = readonly [name: string, array: NamedArray];

/** Replacements that turn gradbook's names into those of the PyTorch package, applied from first to last. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  [/^convnet\.stem\./, "convnet.stem.components."],
  [/^(convnet\.layers\.\d+)\.main\./, "$1.main_block.components."],
  [/^(convnet\.layers\.\d+)\.(?!main_block|shortcut)/, "$1.components."],
  [/\.act\.gain$/, ".act.ongain"],
  [/^frontend\.norm\.gamma$/, "frontend.bn.weight"],
  [/^frontend\.norm\.beta$/, "frontend.bn.bias"],
  [/^frontend\.norm\./, "frontend.bn."],
  [/\.(temporal_conv|conv)\.(weight|weight_v|weight_g|bias)$/, ".$1.conv.$2"],
  [/\.weight_(v|g)$/, ".parametrizations.weight.0.$1"],
];

/** The norm whose weights have axes of the whole movie, `[1, C, 1, 1, 1]`. */
const WHOLE_NORM = "grn";
/** The norms that are classes of PyTorch, which calls gain and shift `weight` and `bias`. The others are the package's own. */
const PYTORCH_NORMS = ["batch", "instance", "group"];

/**
 * Returns the weights of a model as the PyTorch package stores them: `model.`-prefixed names, output filters first, and the newest frame
 * first.
 *
 * @param weights the model's weights by gradbook's names
 * @throws RangeError for a weight that the package has no place for
 */
export function torchWeights(weights: ReadonlyMap<string, NamedArray>, config: ModelConfig): TorchWeight[] {
  const last = lastLayers(weights.keys());
  const named = [...weights].flatMap(([name, array]): TorchWeight[] => {
    const own = torchName(name, last, config);
    if (ourName(own) !== name) throw new RangeError(`${name}: the PyTorch package has no such weight`);
    const values = torchLayout(name, array, config);
    // Weight norm keeps the tensor that it was made from, and a linear readout keeps its bias twice.
    if (/\.parametrizations\.weight\.0\.v$/.test(own))
      return [
        [`model.${own.replace(/\.0\.v$/, ".original")}`, values],
        [`model.${own}`, values],
      ];
    if (/^readouts\.\d+\.fc\.bias$/.test(own))
      return [
        [`model.${own.replace(".fc", "")}`, values],
        [`model.${own}`, values],
      ];
    return [[`model.${own}`, values]];
  });
  return inModuleOrder(named);
}

/**
 * Sorts weights as PyTorch lists those of the package's modules: a module's own before those of its parts, the bias of a readout or of a
 * layer with spectral norm before its other own weights, and the blocks of a convnet before its stem. The order is kept otherwise. The
 * optimizer numbers its parameters in this order.
 */
function inModuleOrder(weights: readonly TorchWeight[], depth = 0): TorchWeight[] {
  const partOf = ([name]: TorchWeight) =>
    name
      .split(".")
      .slice(0, depth + 1)
      .join(".");
  const own = weights.filter((weight) => partOf(weight) === weight[0]);
  // Spectral norm replaces the weight by one that is registered after the bias.
  const isSpectral = own.some(([name]) => name.endsWith(".weight_orig"));
  const [biases, others] = split(own, ([name]) => (isSpectral ? /\.bias$/ : READOUT_BIAS).test(name));
  const [stem, parts] = split([...new Set(weights.map(partOf))], (part) => part === STEM);
  return [
    ...biases,
    ...others,
    ...[...parts, ...stem].flatMap((part) => {
      const members = weights.filter((weight) => partOf(weight) === part && weight[0] !== part);
      return members.length > 0 ? inModuleOrder(members, depth + 1) : [];
    }),
  ];
}

/** The module of a convnet that PyTorch lists last. */
const STEM = "model.convnet.stem";
const READOUT_BIAS = /^model\.readouts\.\d+\.bias$/;

/** Divides items into those that fulfil a condition and the others. */
const split = <T>(items: readonly T[], is: (item: T) => boolean): [T[], T[]] => [
  items.filter(is),
  items.filter((item) => !is(item)),
];

/** Returns the number of the last layer of each MLP, which is a linear layer without an activation. */
function lastLayers(names: Iterable<string>): Map<string, number> {
  const last = new Map<string, number>();
  for (const name of names) {
    const [, mlp, layer] = /^(.*\.?(?:encoder|spike_history\.\d+))\.layers\.(\d+)\./.exec(name) ?? [];
    if (mlp !== undefined) last.set(mlp, Math.max(last.get(mlp) ?? 0, Number(layer)));
  }
  return last;
}

/** Whether the last layer of an MLP has an activation, too. */
function activatesLast(mlp: string, { history_encoder, modulator }: ModelConfig): boolean {
  if (mlp.startsWith("spike_history")) return history_encoder?.params.output_activation === true;
  return (modulator.params.encoder_params as Mapping | undefined)?.last_layer_activation === true;
}

function torchName(name: string, last: ReadonlyMap<string, number>, config: ModelConfig): string {
  const [, mlp, layer, leaf] =
    /^(.*\.?(?:encoder|spike_history\.\d+))\.layers\.(\d+)\.(.*)$/.exec(name) ?? [];
  if (mlp !== undefined) {
    const spectral = /^spike_history/.test(mlp) && config.history_encoder?.params.spectral_norm === true;
    const named =
      leaf === "u" || leaf === "v" ? `weight_${leaf}` : spectral && leaf === "weight" ? "weight_orig" : leaf;
    const isBlock = Number(layer) < last.get(mlp)! || activatesLast(mlp, config);
    return `${mlp}.mlp.${layer}.${isBlock ? "linear." : ""}${named}`;
  }
  const renamed = RENAMED.reduce((text, [pattern, by]) => text.replace(pattern, by), name);
  if (
    /\.norm\.(gamma|beta)$/.test(renamed) &&
    PYTORCH_NORMS.includes(String(blockOf(name, config.convnet.params)?.norm_type))
  )
    return renamed.replace(/gamma$/, "weight").replace(/beta$/, "bias");
  const windowed = /\.(conv|depthwise)\.weight$/.test(renamed) && isWindowed(name, config);
  return windowed ? renamed.replace(/weight$/, "parametrizations.weight.original") : renamed;
}

/** Whether a convolution without weight norm has an anti-aliasing window, which the package keeps as a parametrization. */
function isWindowed(name: string, { frontend, convnet }: ModelConfig): boolean {
  if (name.startsWith("frontend.")) return frontend.params.aa_signal === true;
  return blockOf(name, convnet.params)?.conv_params?.aa_signal === true;
}

interface Block {
  readonly conv_params?: { readonly aa_signal?: unknown };
  readonly norm_type?: unknown;
}

/** Returns the options of the convnet's block that a weight belongs to. */
function blockOf(name: string, params: Readonly<Record<string, unknown>>): Block | undefined {
  if (name.startsWith("convnet.stem.")) return params.stem_config as Block | undefined;
  const layer = /^convnet\.layers\.(\d+)\./.exec(name)?.[1];
  if (layer === undefined) return undefined;
  const blocks = params.block_configs as readonly Block[] | undefined;
  return blocks?.[Number(layer)] ?? (params.block_config as Block | undefined);
}

/** The order of the axes that undoes another one. */
const inverse = (order: readonly number[]) => order.map((_, axis) => order.indexOf(axis));

/** Returns a weight, or its moments, in the layout of the PyTorch package. @param name gradbook's name */
export function torchLayout(name: string, array: NamedArray, config: ModelConfig): NamedArray {
  if (/^convnet\..*\.norm\d?\.(gamma|beta)$/.test(name)) {
    const whole = blockOf(name, config.convnet.params)?.norm_type === WHOLE_NORM;
    return whole ? { shape: [1, array.values.length, 1, 1, 1], values: array.values } : array;
  }
  const turns = config.lag_order === "oldest_first";
  const lags = Number(config.history_encoder?.params.num_lags ?? 5);
  const given =
    turns && isOfLags(name) ? { shape: array.shape, values: lagsReversed(array.values, lags) } : array;
  const order = isAsItIs(name) ? undefined : ORDER[array.shape.length];
  if (!order) return given;
  const { shape, values } = transposed(given, inverse(order), turns && order.length === 5 ? 0 : undefined);
  // A readout's features are a 1 × 1 convolution there.
  return { shape: /\.features\.weight$/.test(name) ? [...shape, 1, 1] : shape, values };
}
