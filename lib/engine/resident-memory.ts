import koffi from "koffi";
import { capi, type Pointer } from "./capi";
import { requireMemory } from "./memory";

/** TensorFlow takes memory as it is only where it begins at a multiple of this. */
export const ALIGNMENT = 64;

/** Gives memory back when neither its parts nor a tensor over it can be reached any more. */
const freed = new FinalizationRegistry<Pointer>((address) => capi().free(address));
/** The memory that a part's buffer lies in: a part that is held holds the memory. */
const owners = new WeakMap<object, ResidentMemory>();

/**
 * Memory outside JavaScript that both see: values are written here by JavaScript and become one tensor without a copy
 * (`residentTensor`). It may be larger than an array of JavaScript can be, since it is seen in parts. It goes when nothing
 * that lies in it can be reached any more.
 */
export class ResidentMemory {
  readonly address: Pointer;
  readonly bytes: number;
  /** Bytes one part after another. */
  readonly parts: readonly Uint8Array[];

  /**
   * @param sizes bytes of each part
   * @throws OutOfMemoryError when they are more than may be used
   */
  constructor(sizes: readonly number[]) {
    this.bytes = sizes.reduce((sum, size) => sum + size, 0);
    requireMemory("resident memory", this.bytes, 0);
    const whole = Math.max(1, Math.ceil(this.bytes / ALIGNMENT)) * ALIGNMENT;
    this.address = capi().alignedAlloc(ALIGNMENT, whole);
    freed.register(this, this.address);
    let at = this.address;
    this.parts = sizes.map((size) => {
      const part = new Uint8Array(size > 0 ? koffi.view(at, size) : new ArrayBuffer(0));
      owners.set(part.buffer, this);
      at += BigInt(size);
      return part;
    });
  }
}

/** The memory that some values fill, one after another; undefined when they lie elsewhere. */
export function memoryOf(values: readonly ArrayBufferView[]): ResidentMemory | undefined {
  const memory = values[0] && owners.get(values[0].buffer);
  const fills =
    memory?.parts.length === values.length &&
    memory.parts.every(({ buffer, byteLength }, i) => {
      return values[i]!.buffer === buffer && values[i]!.byteLength === byteLength;
    });
  return fills ? memory : undefined;
}
