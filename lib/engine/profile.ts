import type * as tf from "@tensorflow/tfjs-core";
import { binding, idOf } from "./backend";
import type { Output, Pointer } from "./capi";
import { context } from "./context";
import { TF } from "./dtypes";
import { newTensor } from "./handles";
import { flatten } from "./nest";
import { allBytes, numberOf, readFields, textOf, writeInt } from "./protobuf";
import { type Body, type Inputs, presentHandle, record } from "./record";
import { type Feeds, inSession } from "./session";

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
  const { handles } = binding;
  const recording = record(name, body, args);
  const { trace, outputs } = recording;
  try {
    const { inputs, captured, results } = trace.between(outputs);
    const given = flatten<tf.Tensor | number>(args).map(({ leaf }) =>
      typeof leaf === "number" ? newTensor([], TF.FLOAT, [leaf]) : handles.resolve(idOf(leaf)),
    );
    const current = captured.map(({ id }) => handles.resolve(presentHandle(recording, id)));
    const feeds = {
      outputs: [...inputs, ...captured.map(({ tensor }) => tensor)].map(({ output }) => output),
      values: [...given, ...current],
    };
    const fetches = results.map(({ output }) => output);
    return byKind(runTwice(name, trace.graph, feeds, fetches));
  } finally {
    trace.dispose();
  }
}

// RunOptions.trace_level = FULL_TRACE (tensorflow/core/protobuf/config.proto).
const FULL_TRACE = writeInt(1, 3);

/** Runs a session twice. The first run optimises the graph and creates the kernels; the second one is timed. */
function runTwice(name: string, graph: Pointer, feeds: Feeds, fetches: readonly Output[]): Buffer {
  const { c } = context();
  const recorded = { options: c.newBufferFromString(FULL_TRACE, FULL_TRACE.length), metadata: c.newBuffer() };
  try {
    inSession(name, graph, (run) => {
      for (const each of [undefined, recorded])
        for (const result of run(feeds, fetches, each)) c.deleteTensor(result);
    });
    return c.bufferBytes(recorded.metadata);
  } finally {
    for (const value of feeds.values) c.deleteTensor(value);
    c.deleteBuffer(recorded.metadata);
    c.deleteBuffer(recorded.options);
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
