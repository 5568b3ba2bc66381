import koffi from "koffi";
import type { Pointer } from "./capi";
import { ALIGNMENT } from "./resident-memory";

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
