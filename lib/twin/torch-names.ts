/** Replacements that turn PyTorch's names of weights into gradbook's, applied from first to last. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  // Prefixes of wrappers around the model: Lightning's module, torch.compile, data parallel.
  [/^((model|module|net|_orig_mod)\.)+/, ""],
  [/\._orig_mod\./g, "."],
  // Containers of the PyTorch package's blocks.
  [/\.main_block\./g, ".main."],
  [/\.components\./g, "."],
  [/(^|\.)(encoder|spike_history\.\d+)\.mlp\.(\d+)\.(linear\.)?/, "$1$2.layers.$3."],
  [/\.act\.ongain$/, ".act.gain"],
  // Names from the package's own weight norm, from torch.nn.utils.parametrizations, and from the older hooks.
  [/\.parametrizations\.weight\.0\.(v|g)$/, ".weight_$1"],
  [/\.parametrizations\.weight\.original0$/, ".weight_g"],
  [/\.parametrizations\.weight\.original1$/, ".weight_v"],
  [/\.parametrizations\.weight\.original$/, ".weight"],
  [/\.parametrizations\.weight\.0\._(u|v)$/, ".$1"],
  [/\.weight_orig$/, ".weight"],
  [/\.weight_(u|v)$(?<=layers\.\d+\.weight_[uv])/, ".$1"],
  // A convolution or kernel in a separate module.
  [/\.(conv|temporal_conv|depthwise|pointwise)\.(conv|kernel)\./g, ".$1."],
  [/\.kernel\./g, "."],
  [/^frontend\.bn\./, "frontend.norm."],
  [/(^|\.)(norm\d?)\.(norm\.)?weight$/, "$1$2.gamma"],
  [/(^|\.)(norm\d?)\.(norm\.)?bias$/, "$1$2.beta"],
  [/(^|\.)(norm\d?)\.norm\./, "$1$2."],
  [/\.shortcut\.(conv|proj)\./, ".shortcut."],
];

/** Names that hold nothing to import: counters, windows, and numbers and filters that follow from the options. */
const WITHOUT_USE =
  /(^|\.)num_batches_tracked$|(^|\.)frontend\.(basis|alpha|beta|gamma|tau_[yz]_ms|n_[yz]|K[yz]_filter)$|window$|\.mask$|\.pool\.blur$/;

/** Returns gradbook's name of a weight, or undefined when it holds nothing to import. */
export function ourName(name: string): string | undefined {
  if (WITHOUT_USE.test(name)) return undefined;
  return RENAMED.reduce((renamed, [pattern, by]) => renamed.replace(pattern, by), name);
}

/**
 * Whether a weight is in the checkpoint without being used: the original of the package's weight norm, which `v` and `g` have replaced,
 * and a bias that stands there twice.
 */
export function isUnused(name: string, all: ReadonlyMap<string, unknown>): boolean {
  const original = /^(.*\.parametrizations\.weight)\.original$/.exec(name);
  if (original) return all.has(`${original[1]}.0.v`);
  return /readouts\.\d+\.bias$/.test(name) && all.has(name.replace(/bias$/, "fc.bias"));
}
