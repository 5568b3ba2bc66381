import type { CApi, Pointer } from "./capi";

/** A processor that TensorFlow computes on. */
export interface Device {
  /** The device's name, such as `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  readonly type: string;
  /** The bytes that TensorFlow may use of a GPU; not meaningful for a CPU. */
  readonly memoryBytes: number;
}

export function listDevices(c: CApi, context: Pointer, status: Pointer): Device[] {
  const list: Pointer = c.listDevices(context, status);
  try {
    return Array.from({ length: c.deviceCount(list) }, (_, i) => ({
      name: c.deviceName(list, i, status),
      type: c.deviceType(list, i, status),
      memoryBytes: Number(c.deviceMemory(list, i, status)),
    }));
  } finally {
    c.deleteDevices(list);
  }
}
