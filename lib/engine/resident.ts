import type * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@tensorflow/tfjs-core";
import koffi from "koffi";
import { ATTR } from "./attributes";
import { backend, binding, wrap } from "./backend";
import type { Pointer } from "./capi";
import { TF } from "./dtypes";
import type { OwnedMemory } from "./handles";
import { gather } from "./kernels/indexing";
import { ALIGNMENT, memoryOf, ResidentMemory } from "./memory";

declare const RESIDENT: unique symbol;
/** A tensor of a type that tfjs does not have. tfjs reports uint8 and uint16 as int32, and 16-bit floats as float32. */
export type ResidentTensor = tf.Tensor & { readonly [RESIDENT]: true };

/** TensorFlow's type numbers of resident tensors. */
const DTYPES = {
  uint8: TF.UINT8,
  uint16: TF.UINT16,
  bfloat16: TF.BFLOAT16,
  float16: TF.HALF,
  float32: TF.FLOAT,
} as const;
/** The type of the values of a resident tensor. */
export type ResidentDtype = keyof typeof DTYPES;

/**
 * Creates a tensor whose values stay in TensorFlow in their own type, such as a stimulus movie. Values that fill one `ResidentMemory`
 * consecutively become a tensor without a copy; other values are copied once.
 *
 * @param parts the values; 16-bit floats as their bits
 * @returns a tensor for use only with `gatherRows`; the caller disposes it
 */
export function residentTensor(
  parts: readonly (Uint8Array | Uint16Array | Float32Array)[],
  shape: number[],
  dtype: ResidentDtype,
): ResidentTensor {
  return tensorOver(memoryOf(inResidentMemory(parts))!, shape, dtype);
}

/** Returns values that fill one `ResidentMemory` consecutively: the same arrays if they already do, else copies. */
export function inResidentMemory<A extends Uint8Array | Uint16Array | Float32Array>(
  parts: readonly A[],
): readonly A[] {
  if (memoryOf(parts)) return parts;
  const memory = new ResidentMemory(parts.map(({ byteLength }) => byteLength));
  return parts.map((part, i) => {
    const target = memory.parts[i]!;
    target.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    const ArrayType = part.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => A;
    return new ArrayType(target.buffer, target.byteOffset, part.length);
  });
}

/**
 * Creates a tensor over memory that another thread writes. A function that takes it reads the values at the time of its run.
 *
 * @returns only for `residentToFloat`; the caller disposes it
 */
export function sharedTensor(memory: SharedMemory, shape: number[], dtype: ResidentDtype): ResidentTensor {
  return tensorOver(memory, shape, dtype);
}

function tensorOver(memory: OwnedMemory, shape: number[], dtype: ResidentDtype): ResidentTensor {
  const description = { shape, dtype: DTYPES[dtype] };
  const id = binding.handles.over(memory, description);
  return wrap({ id, ...description }) as ResidentTensor;
}

/**
 * Returns the rows of a resident tensor at some indices, as float32.
 *
 * @param rows `[n, ...rest]`
 * @param indices int32, any shape, each in 0..n-1
 * @returns `[...indices.shape, ...rest]`, not normalised. No gradient.
 */
export function gatherRows(rows: ResidentTensor, indices: tf.Tensor, dtype: ResidentDtype): tf.Tensor {
  return tidy(() => {
    const kept = gather(backend, rows, indices, { axis: 0, batchDims: 0, dtype: DTYPES[dtype] });
    return residentToFloat(kept as ResidentTensor, dtype);
  });
}

/** Casts the values of a resident tensor to float32. No gradient. */
export function residentToFloat(values: ResidentTensor, dtype: ResidentDtype): tf.Tensor {
  if (dtype === "float32") return values;
  const types = [
    { name: "SrcT", type: ATTR.TYPE, value: DTYPES[dtype] },
    { name: "DstT", type: ATTR.TYPE, value: TF.FLOAT },
    { name: "Truncate", type: ATTR.BOOL, value: false },
  ];
  return backend.executeSingleOutput("Cast", types, [values]);
}

/** Memory shared by JavaScript threads and TensorFlow. `sharedTensor` makes it a tensor. */
export class SharedMemory {
  readonly address: Pointer;
  /** All bytes. When posted to another thread, it accesses the same memory. */
  readonly values: Uint8Array;

  constructor(readonly bytes: number) {
    const buffer = new SharedArrayBuffer(bytes + ALIGNMENT);
    const start = koffi.address(new Uint8Array(buffer));
    const skipped = (ALIGNMENT - Number(start % BigInt(ALIGNMENT))) % ALIGNMENT;
    this.address = start + BigInt(skipped);
    this.values = new Uint8Array(buffer, skipped, bytes);
  }
}
