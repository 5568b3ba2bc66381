import koffi from "koffi";
import type { Pointer } from "./capi";
import { ALIGNMENT } from "./resident-memory";

/** Memory that threads of JavaScript and TensorFlow see alike: what a thread writes here, a tensor has (`sharedTensor`). */
export class SharedMemory {
  readonly address: Pointer;
  /** All of it; another thread sees the same when it is posted there. */
  readonly values: Uint8Array;

  constructor(readonly bytes: number) {
    const buffer = new SharedArrayBuffer(bytes + ALIGNMENT);
    const start = koffi.address(new Uint8Array(buffer));
    const skipped = (ALIGNMENT - Number(start % BigInt(ALIGNMENT))) % ALIGNMENT;
    this.address = start + BigInt(skipped);
    this.values = new Uint8Array(buffer, skipped, bytes);
  }
}
