import type * as tf from "@tensorflow/tfjs-core";
import { binding, idOf } from "./backend";
import type { Pointer } from "./capi";
import { checkStatus, context } from "./context";
import { TF } from "./dtypes";
import { newTensor } from "./handles";
import { flatten } from "./nest";
import { allBytes, numberOf, readFields, textOf, writeInt } from "./protobuf";
import { type Body, type Inputs, record } from "./record";

/** The time of one kind of operation in a run. */
export interface OpTime {
  /** TensorFlow's name of the kind. Fused operations have separate names. */
  readonly kind: string;
  readonly count: number;
  /** Milliseconds summed over all threads, which may exceed the duration of the run. */
  readonly ms: number;
}

/**
 * Measures the time of each kind of operation in one run, slowest first. The function runs in a separate session, because only sessions
 * record the time of each operation. The results are discarded and no variable changes. Blocks the event loop.
 */
export function profile(name: string, body: Body, args: Inputs): OpTime[] {
  const { trace, outputs, variableOf } = record(name, body, args);
  try {
    const ends = trace.ends(outputs);
    const given = flatten<tf.Tensor | number>(args).map(({ leaf }) =>
      typeof leaf === "number" ? newTensor([], TF.FLOAT, [leaf]) : resolved(idOf(leaf)),
    );
    const captured = ends.captured.map((id) => {
      const variable = variableOf.get(id);
      return resolved(variable ? idOf(variable) : id);
    });
    return byKind(runTwice(name, trace.graph, ends, [...given, ...captured]));
  } finally {
    trace.dispose();
  }
}

/** Returns a `TF_Tensor*` with the values of a handle; the caller deletes it. */
function resolved(id: number): Pointer {
  const { c, status, check } = context();
  const tensor: Pointer = c.resolveHandle(binding.handles.get(id), status);
  check("profile");
  return tensor;
}

// RunOptions.trace_level = FULL_TRACE (tensorflow/core/protobuf/config.proto).
const FULL_TRACE = writeInt(1, 3);

/** Runs a session twice. The first run optimises the graph and creates the kernels; the second one is timed. */
function runTwice(
  name: string,
  graph: Pointer,
  { inputs, outputs }: { inputs: readonly object[]; outputs: readonly object[] },
  values: Pointer[],
): Buffer {
  const { c } = context();
  const status = c.newStatus();
  const options = c.newSessionOptions();
  const session = c.newSession(graph, options, status);
  const metadata = c.newBuffer();
  const wanted = c.newBufferFromString(FULL_TRACE, FULL_TRACE.length);
  try {
    for (const runOptions of [null, wanted]) {
      const results: (Pointer | null)[] = new Array(outputs.length).fill(null);
      c.sessionRun(
        ...[session, runOptions, inputs, values, inputs.length, outputs, results, outputs.length],
        ...[null, 0, runOptions && metadata, status],
      );
      for (const result of results) if (result) c.deleteTensor(result);
      checkStatus(c, status, name);
    }
    return c.bufferBytes(metadata);
  } finally {
    for (const value of values) c.deleteTensor(value);
    c.deleteBuffer(metadata);
    c.deleteBuffer(wanted);
    c.closeSession(session, status);
    c.deleteSession(session, status);
    c.deleteSessionOptions(options);
    c.deleteStatus(status);
  }
}

// Field numbers of `RunMetadata`, `StepStats`, `DeviceStepStats`, `NodeExecStats` (tensorflow/core/framework/step_stats.proto).
const STEP_STATS = 1;
const DEV_STATS = 1;
const NODE_STATS = 2;
const NODE = { name: 1, label: 8, opStartNanos: 14, opEndNanos: 15 } as const;

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
