import type { TensorMetadata } from "#tfjs/backend";
import type { Pointer } from "./capi";
import { context } from "./context";
import { type Numbers, TF, toTypedArray, typeBytes, typedArray } from "./dtypes";
import { requireMemory } from "./memory";
import { newStringTensor, readStrings } from "./strings";

/** The values of a tensor: numbers, or the bytes of each string. */
export type Values = Numbers | Uint8Array[];

/** A tensor's shape and its TensorFlow type number. */
export interface Description {
  readonly shape: number[];
  readonly dtype: number;
}

/** Existing memory with an owner. The memory stays valid as long as this object is reachable. */
export interface OwnedMemory {
  readonly address: Pointer;
  readonly bytes: number;
}

/** Memory that one or more handles share. */
interface Storage {
  readonly bytes: number;
  handles: number;
  /** The owner of the memory, referenced as long as a handle exists. */
  readonly memory?: OwnedMemory;
}

/** Owns TensorFlow's tensor handles. Each has a positive number and lives until it is deleted. */
export class Handles {
  private readonly handles = new Map<number, { pointer: Pointer; storage: Storage }>();
  private next = 1;
  private liveBytes = 0;

  get count(): number {
    return this.handles.size;
  }

  /** The bytes of all live tensors; memory shared by several handles counts once. */
  get bytes(): number {
    return this.liveBytes;
  }

  get(id: number): Pointer {
    return this.entry(id).pointer;
  }

  /**
   * Takes ownership of a handle that TensorFlow created.
   *
   * @param description the tensor's description; default: queried from TensorFlow
   */
  adopt(handle: Pointer, description: Description = describeHandle(handle)): TensorMetadata {
    return { id: this.own(handle, { bytes: bytesOf(description), handles: 0 }), ...description };
  }

  describe(id: number): Description {
    return describeHandle(this.get(id));
  }

  create(shape: number[], dtype: number, values: ArrayLike<unknown>): number {
    const { c, status, check } = context();
    const bytes = bytesOf({ shape, dtype });
    requireMemory(`tensor [${shape}]`, bytes, this.liveBytes);
    const tensor = newTensor(shape, dtype, values);
    const handle = c.newHandle(tensor, status);
    c.deleteTensor(tensor);
    check("tensor");
    return this.own(handle, { bytes, handles: 0 });
  }

  /** Creates a tensor over existing memory, which its owner keeps. The storage references the owner. */
  over(memory: OwnedMemory, { shape, dtype }: Description): number {
    const { c, status, check } = context();
    const { address, bytes } = memory;
    const dims = BigInt64Array.from(shape, BigInt);
    if (bytesOf({ shape, dtype }) !== bytes)
      throw new Error(`A resident tensor of shape [${shape}] does not have ${bytes} bytes.`);
    const tensor = c.newTensor(dtype, dims, dims.length, address, bytes, c.doNothing, null);
    const handle = c.newHandle(tensor, status);
    c.deleteTensor(tensor);
    check("resident tensor");
    return this.own(handle, { bytes, handles: 0, memory });
  }

  /** Creates a second handle to the same memory, with an independent lifetime. */
  share(id: number): number {
    const { c, status, check } = context();
    const { pointer, storage } = this.entry(id);
    const handle = c.copyHandle(pointer, status);
    check("shared tensor");
    return this.own(handle, storage);
  }

  /** Returns a `TF_Tensor*` with the values of a handle; the caller deletes it. */
  resolve(id: number): Pointer {
    const { c, status, check } = context();
    const tensor: Pointer = c.resolveHandle(this.get(id), status);
    check("reading a tensor");
    return tensor;
  }

  read(id: number): Values {
    const { c } = context();
    const dtype: number = c.handleType(this.get(id));
    const tensor = this.resolve(id);
    try {
      if (dtype === TF.STRING) return readStrings(c.tensorData(tensor), Number(c.tensorSize(tensor)));
      const bytes = Number(c.tensorByteSize(tensor));
      const values = typedArray(dtype, bytes);
      if (bytes > 0) c.copyOut(values, c.tensorData(tensor), bytes);
      return values;
    } finally {
      c.deleteTensor(tensor);
    }
  }

  delete(id: number): void {
    const { pointer, storage } = this.entry(id);
    context().c.deleteHandle(pointer);
    this.handles.delete(id);
    storage.handles--;
    if (storage.handles === 0) this.liveBytes -= storage.bytes;
  }

  private own(pointer: Pointer, storage: Storage): number {
    const id = this.next++;
    this.handles.set(id, { pointer, storage });
    if (storage.handles === 0) this.liveBytes += storage.bytes;
    storage.handles++;
    return id;
  }

  private entry(id: number) {
    const entry = this.handles.get(id);
    if (entry === undefined) throw new Error(`Tensor ${id} has been disposed, or was never on TensorFlow.`);
    return entry;
  }
}

const bytesOf = ({ shape, dtype }: Description) =>
  shape.reduce((product, size) => product * size, typeBytes(dtype));

function describeHandle(handle: Pointer): Description {
  const { c, status, check } = context();
  const rank: number = c.handleRank(handle, status);
  const shape = Array.from({ length: rank }, (_, axis) => Number(c.handleDim(handle, axis, status)));
  check("shape of a tensor");
  return { shape, dtype: c.handleType(handle) };
}

/**
 * Creates a `TF_Tensor*` with a copy of the values; the caller deletes it.
 *
 * @throws Error when the values do not match the shape and type
 */
export function newTensor(shape: readonly number[], dtype: number, values: ArrayLike<unknown>): Pointer {
  const { c } = context();
  const dims = BigInt64Array.from(shape, BigInt);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (dtype === TF.STRING) {
    if (values.length === elements) return newStringTensor(dims, values);
    throw new Error(`A string tensor with ${elements} elements was given ${values.length} strings.`);
  }
  const data = toTypedArray(dtype, values, elements);
  const tensor = c.allocateTensor(dtype, dims, dims.length, data.byteLength);
  if (data.byteLength > 0) c.copyIn(c.tensorData(tensor), data, data.byteLength);
  return tensor;
}
