import { context } from "./context";
import { allBytes, numberOf, readFields, textOf } from "./protobuf";

/** Time that one kind of operation took in a run. */
export interface OpTime {
  /** TensorFlow's name of the kind; fused operations have names of their own. */
  readonly kind: string;
  readonly count: number;
  /** Milliseconds over all threads, so that the sum may be more than the run took. */
  readonly ms: number;
}

/**
 * Runs something while TensorFlow notes the time of each operation.
 *
 * @returns the kinds of operation, slowest first
 */
export async function timeOps(run: () => Promise<unknown>): Promise<OpTime[]> {
  const { c, pointer, status, check } = context();
  c.enableRunMetadata(pointer);
  const buffer = c.newBuffer();
  try {
    await run();
    c.exportRunMetadata(pointer, buffer, status);
    check("profile");
    return byKind(c.bufferBytes(buffer));
  } finally {
    c.deleteBuffer(buffer);
    c.disableRunMetadata(pointer);
  }
}

// Field numbers of `RunMetadata`, `StepStats`, `DeviceStepStats`, `NodeExecStats` (tensorflow/core/framework/step_stats.proto).
const STEP_STATS = 1;
const DEV_STATS = 1;
const NODE_STATS = 2;
const NODE = {
  name: 1,
  opStartMicros: 3,
  opEndMicros: 4,
  label: 8,
  opStartNanos: 15,
  opEndNanos: 16,
} as const;

function byKind(metadata: Buffer): OpTime[] {
  const kinds = new Map<string, { count: number; ms: number }>();
  for (const stats of allBytes(readFields(metadata), STEP_STATS))
    for (const device of allBytes(readFields(stats), DEV_STATS))
      for (const bytes of allBytes(readFields(device), NODE_STATS)) {
        const node = readFields(bytes);
        const nanos = numberOf(node, NODE.opEndNanos) - numberOf(node, NODE.opStartNanos);
        const kind = /= (\w+)\(/.exec(textOf(node, NODE.label))?.[1] ?? textOf(node, NODE.name);
        const { count, ms } = kinds.get(kind) ?? { count: 0, ms: 0 };
        kinds.set(kind, { count: count + 1, ms: ms + nanos / 1e6 });
      }
  return [...kinds].map(([kind, time]) => ({ kind, ...time })).sort((a, b) => b.ms - a.ms);
}
