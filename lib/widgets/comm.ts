/** A channel between a widget and its views in the front end. */
export interface Comm {
  readonly id: string;
  send(data: Record<string, unknown>, buffers?: Uint8Array[]): void;
  close(): void;
  onMessage?: (data: Record<string, unknown>, buffers: Uint8Array[]) => void;
}

/** The part of gradbook's kernel that widgets use. */
interface Comms {
  connect(target: string, data: object, options: { metadata: object; buffers: Uint8Array[] }): Comm;
  register(target: string, opened: (comm: Comm) => void): void;
}

/** Returns the comms of gradbook's kernel; undefined outside it. */
export const kernelComms = (): Comms | undefined =>
  ((globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.kernel")] as { comms: Comms } | undefined)
    ?.comms;

type Path = (string | number)[];

/** A message whose binary values are separate, as the protocol of widgets requires. */
interface Parted {
  state: Record<string, unknown>;
  /** The place in the state to which each buffer belongs. */
  buffer_paths: Path[];
  buffers: Uint8Array[];
}

/** Takes the typed arrays and array buffers out of a state. */
export function partBuffers(state: Record<string, unknown>): Parted {
  const buffers: Uint8Array[] = [];
  const buffer_paths: Path[] = [];
  const visit = (value: unknown, path: Path): unknown => {
    const bytes = bytesOf(value);
    if (bytes) {
      buffers.push(bytes);
      buffer_paths.push(path);
      return null;
    }
    if (Array.isArray(value)) return value.map((one, i) => visit(one, [...path, i]));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one, [...path, key])]));
  };
  return { state: visit(state, []) as Record<string, unknown>, buffer_paths, buffers };
}

/** Puts buffers into a state that came without them. */
export function joinBuffers(
  state: Record<string, unknown>,
  paths: readonly Path[],
  buffers: readonly Uint8Array[],
): Record<string, unknown> {
  const joined = structuredClone(state);
  for (const [i, path] of paths.entries()) {
    let place = joined as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
    place[path.at(-1)!] = buffers[i];
  }
  return joined;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
