import { totalmem } from "node:os";
import koffi from "koffi";
import { bytesInWords } from "./bytes";
import { capi, type Pointer } from "./capi";
import { engineSettings } from "./context";
import { OutOfMemoryError } from "./errors";

/** Returns the memory limit of tensors and compiled functions in bytes: the user's limit, or the memory of the machine or its container. */
export function memoryLimit(): number {
  machineMemory ??= readMachineMemory();
  return engineSettings().memoryLimit ?? machineMemory;
}

/** Cached, because every new tensor is checked against it and the container's limit has to be read from a file. */
let machineMemory: number | undefined;

function readMachineMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return Math.min(totalmem(), constrained > 0 ? constrained : Number.POSITIVE_INFINITY);
}

/**
 * Checks that `asked` more bytes fit into the memory limit.
 *
 * @param live the bytes of all live tensors
 * @param advice returns what to do; default: dispose of tensors
 * @throws OutOfMemoryError when they exceed the limit
 */
export function requireMemory(what: string, asked: number, live: number, advice?: () => string): void {
  const limit = memoryLimit();
  if (live + asked <= limit) return;
  throw new OutOfMemoryError(what, `${outOfMemory(asked, live, limit)} ${advice?.() ?? DISPOSE}`);
}

const DISPOSE =
  "Dispose of tensors that are not needed any more, or raise `memoryLimit` with configureEngine.";

const outOfMemory = (asked: number, live: number, limit: number) =>
  `${bytesInWords(asked)} were requested, ${bytesInWords(live)} of tensors are live, and ${bytesInWords(limit)} may be used.`;

/** The alignment in bytes that TensorFlow requires to use memory without a copy. */
export const ALIGNMENT = 64;

/** Frees memory when neither its parts nor a tensor over it are reachable any more. */
const freed = new FinalizationRegistry<Pointer>((address) => capi().free(address));
/** The memory of each part's buffer, so that a reachable part keeps the memory alive. */
const owners = new WeakMap<object, ResidentMemory>();

/**
 * Memory outside the JavaScript heap, shared with TensorFlow: JavaScript writes values into it, and they become one tensor without a copy
 * (`residentTensor`). It may exceed the size limit of JavaScript arrays, because it is accessed in parts. It is freed when nothing in it
 * is reachable any more.
 */
export class ResidentMemory {
  readonly address: Pointer;
  readonly bytes: number;
  /** The bytes, as consecutive parts. */
  readonly parts: readonly Uint8Array[];

  /**
   * @param sizes the bytes of each part
   * @throws OutOfMemoryError when their sum exceeds the memory limit
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

/** Returns the memory that consecutive values fill completely; undefined when they lie elsewhere. */
export function memoryOf(values: readonly ArrayBufferView[]): ResidentMemory | undefined {
  const memory = values[0] && owners.get(values[0].buffer);
  const fills =
    memory?.parts.length === values.length &&
    memory.parts.every(({ buffer, byteLength }, i) => {
      return values[i]!.buffer === buffer && values[i]!.byteLength === byteLength;
    });
  return fills ? memory : undefined;
}
