import { ELEMENT_TYPES } from "../arrays/element-types";
import { NumpyType, NumpyValues } from "./numpy-values";
import { STORAGE_TYPES } from "./storage-types";
import { type Storage, TorchTensor } from "./tensor";

/** A Python name that a pickle may refer to, and the value that a call to it returns here. No Python code is run. */
export interface Global {
  readonly name: string;
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** The type of a storage, which a pickle names but does not call. */
export class StorageType implements Global {
  constructor(
    readonly name: string,
    readonly dtype: string,
  ) {}
}

/** A type of elements, such as `torch.float32`. */
class Dtype implements Global {
  constructor(
    readonly name: string,
    readonly dtype: string,
  ) {}
}

const first = ([value]: readonly unknown[]) => value;
const items = ([value = []]: readonly unknown[]) => array(value);
const pairs = (args: readonly unknown[]) => {
  if (args[0] instanceof Map) return new Map(args[0]);
  return new Map(items(args).map((pair) => array(pair) as [unknown, unknown]));
};

/** The allowed names, as module and name joined by a dot. All other names are rejected. */
const CALLS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  "collections.OrderedDict": pairs,
  "builtins.dict": pairs,
  "builtins.list": (args) => [...items(args)],
  "builtins.tuple": (args) => [...items(args)],
  "builtins.set": (args) => new Set(items(args)),
  "builtins.frozenset": (args) => new Set(items(args)),
  "builtins.bytes": () => new Uint8Array(0),
  "builtins.bytearray": bytesOf,
  "_codecs.encode": bytesOf,
  "torch.Size": items,
  "torch.device": (args) => args.filter((part) => part !== null).join(":"),
  "torch._utils._rebuild_tensor": ([storage, offset, shape, strides]) => tensor(storage, offset, shape, strides),
  "torch._utils._rebuild_tensor_v2": ([storage, offset, shape, strides]) => tensor(storage, offset, shape, strides),
  "torch._utils._rebuild_tensor_v3": ([storage, offset, shape, strides, , , dtype]) =>
    tensor(storage, offset, shape, strides, dtype),
  "torch._utils._rebuild_parameter": first,
  "torch._utils._rebuild_parameter_with_state": first,
  // References to objects of an NWB file in Zarr, dicts with another name.
  "hdmf_zarr.utils.ZarrReference": pairs,
  "numpy.dtype": ([code]) => new NumpyType(String(code)),
  "numpy.ndarray": () => new NumpyValues(),
  "numpy.core.multiarray._reconstruct": () => new NumpyValues(),
  "numpy.core.multiarray.scalar": ([type, bytes]) => scalar(type, bytes),
  "numpy.core.numeric._frombuffer": ([bytes, type, shape, order]) =>
    new NumpyValues().fill(shape, type, order === "F", bytes),
}; // biome-ignore format: one table

/** Returns a name that pickles may refer to, or undefined for any other. */
export function globalOf(module: string, own: string): Global | undefined {
  // numpy 2 moved its internals, and Python 3 renamed the module of Python 2.
  const home = module.replace(/^numpy\._core/, "numpy.core").replace(/^__builtin__$/, "builtins");
  const name = `${home}.${own}`;
  if (Object.hasOwn(CALLS, name)) return { name, call: CALLS[name]! };
  if (/^torch(\.cuda|\.storage)?$/.test(home) && Object.hasOwn(STORAGE_TYPES, own))
    return new StorageType(name, STORAGE_TYPES[own]!);
  if (home === "torch" && Object.hasOwn(ELEMENT_TYPES, own)) return new Dtype(name, own);
  return undefined;
}

function tensor(storage: unknown, offset: unknown, shape: unknown, strides: unknown, dtype?: unknown) {
  const { dtype: stored } = storage as Storage;
  if (typeof stored !== "string" || (dtype !== undefined && !(dtype instanceof Dtype)))
    throw new RangeError("holds a tensor without its storage");
  const type = dtype instanceof Dtype ? dtype.dtype : stored;
  const numbers = (value: unknown) => array(value) as readonly number[];
  return new TorchTensor(storage as Storage, type, numbers(shape), numbers(strides), offset as number);
}

/** A numpy scalar becomes a number, a boolean or a string. */
function scalar(type: unknown, bytes: unknown): unknown {
  if (!(type instanceof NumpyType) || !(bytes instanceof Uint8Array))
    throw new RangeError("holds a numpy scalar without its type");
  const [value] = type.decode(bytes);
  return type.code === "b1" ? value === 1 : value;
}

/** Bytes, which a pickle stores directly or, before protocol 3, as a text of the characters 0 to 255. */
function bytesOf([value = ""]: readonly unknown[]): Uint8Array {
  return value instanceof Uint8Array ? value : Uint8Array.from(Buffer.from(String(value), "latin1"));
}

function array(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new RangeError("holds a call with arguments that PyTorch and numpy do not write");
}
