import type { NamedArray } from "../trainer/checkpoint/safetensors";

/** Replacements that turn PyTorch's names of weights into gradbook's, applied from first to last. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  // Prefixes of wrappers around the model: Lightning's module, torch.compile, data parallel.
  [/^((model|module|net|_orig_mod)\.)+/, ""],
  [/\._orig_mod\./g, "."],
  // Names from torch.nn.utils.parametrizations.weight_norm and spectral_norm, and from the older hooks.
  [/\.parametrizations\.weight\.original0$/, ".weight_g"],
  [/\.parametrizations\.weight\.original1$/, ".weight_v"],
  [/\.parametrizations\.weight\.original$/, ".weight"],
  [/\.parametrizations\.weight\.0\._(u|v)$/, ".$1"],
  [/\.weight_orig$/, ".weight"],
  [/\.weight_(u|v)$(?<=layers\.\d+\.weight_[uv])/, ".$1"],
  // A convolution or kernel wrapped in a module of its own.
  [/\.(conv|temporal_conv|depthwise|pointwise)\.(conv|kernel)\./g, ".$1."],
  [/\.kernel\./g, "."],
  [/(^|\.)(norm\d?)\.(norm\.)?weight$/, "$1$2.gamma"],
  [/(^|\.)(norm\d?)\.(norm\.)?bias$/, "$1$2.beta"],
  [/(^|\.)(norm\d?)\.norm\./, "$1$2."],
  [/\.shortcut\.(conv|proj)\./, ".shortcut."],
];

/** Names that hold nothing to import. */
const WITHOUT_USE = /(^|\.)num_batches_tracked$|window$|\.mask$/;

/** Two-dimensional arrays that are not matrices from input to output. */
const AS_IT_IS = ["mean", "std", "affine", "register_tokens", "spatial"];

/** Returns gradbook's name of a weight, or undefined when it holds nothing to import. */
export function ourName(name: string): string | undefined {
  if (WITHOUT_USE.test(name)) return undefined;
  return RENAMED.reduce((renamed, [pattern, by]) => renamed.replace(pattern, by), name);
}

/**
 * Converts a weight to gradbook's layout. PyTorch puts output filters first, gradbook puts them last. PyTorch's models
 * received the newest frame first, so time is reversed: `[out, in, kt, kh, kw]` → `[kt, kh, kw, in, out]` with the last
 * tap first.
 *
 * @param shape the shape of the model's weight; axes of length 1 that only PyTorch has are left out
 * @returns undefined when the weight cannot be converted to that shape
 */
export function ourLayout(
  name: string,
  array: NamedArray,
  shape: readonly number[],
): Float32Array | undefined {
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  const trimmed = trim(array, shape.length);
  const turned = AS_IT_IS.includes(leaf) ? trimmed : reordered(trimmed);
  return String(turned.shape) === String(shape) ? turned.values : undefined;
}

/** Drops trailing axes of length 1, such as those of a 1×1 convolution that is a dense layer in gradbook. */
function trim({ shape, values }: NamedArray, rank: number): NamedArray {
  const kept = [...shape];
  while (kept.length > rank && kept.at(-1) === 1) kept.pop();
  return { shape: kept, values };
}

const ORDER: Record<number, readonly number[]> = { 5: [2, 3, 4, 1, 0], 4: [2, 3, 1, 0], 2: [1, 0] };

/** Moves the kernel axes first, then inputs, then outputs; reverses time if there is a time axis. */
function reordered({ shape, values }: NamedArray): NamedArray {
  const order = ORDER[shape.length];
  if (!order) return { shape, values };
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = order.map((axis) => shape[axis]!);
  const out = new Float32Array(values.length);
  const index = to.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    order.forEach((axis, place) => {
      const at = axis === 2 && shape.length === 5 ? shape[2]! - 1 - index[place]! : index[place]!;
      from += at * strides[axis]!;
    });
    out[i] = values[from]!;
    for (let place = to.length - 1; place >= 0; place--) {
      index[place]!++;
      if (index[place]! < to[place]!) break;
      index[place] = 0;
    }
  }
  return { shape: to, values: out };
}

/**
 * Reverses the lags of spike history, which PyTorch's models also received newest first: the blocks of rows of `[lags *
 * units, out]` are reordered.
 */
export function lagsReversed(values: Float32Array, lags: number): Float32Array {
  const size = values.length / lags;
  const parts = Array.from({ length: lags }, (_, lag) => values.subarray(lag * size, (lag + 1) * size));
  return Float32Array.from(parts.reverse().flatMap((part) => [...part]));
}
