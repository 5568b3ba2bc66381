import { typeBytes } from "./dtypes";
import type { TracedFunction, TracedOp, TracedTensor } from "./trace";

/** A summary of one compiled function; see `Compiled.summary`. */
export interface FunctionSummary {
  /** Shapes and dtypes of the arguments that it was compiled for. */
  readonly signature: string;
  /** The number of operations, and of those removed because no result needs them. */
  readonly ops: number;
  readonly dropped: number;
  /** The number of operations of each kind, most frequent first. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The floating-point operations: two for each multiply-add of convolutions and matrix products, gradients included. */
  readonly flops: number;
  /** The bytes of its constants. */
  readonly constantBytes: number;
  /** An estimate of its peak memory during a run, without its inputs, if operations run in the order of their calls. */
  readonly peakBytes: number;
  /** The seconds to trace the function, and to build its graph in TensorFlow. */
  readonly traceSeconds: number;
  readonly buildSeconds: number;
}

/** Summarises a compiled function. */
export function summarise(
  signature: string,
  { ops, dropped }: TracedFunction,
  seconds: { trace: number; build: number },
): FunctionSummary {
  const kinds = new Map<string, number>();
  for (const { kind } of ops) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const constants = ops.filter(({ kind }) => kind === "Const");
  return {
    signature,
    ops: ops.length,
    dropped,
    kinds: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a)),
    flops: ops.reduce((sum, op) => sum + flopsOf(op), 0),
    constantBytes: constants.reduce((sum, op) => sum + bytesOf(op.outputs[0]!), 0),
    peakBytes: peakBytes(ops),
    traceSeconds: seconds.trace,
    buildSeconds: seconds.build,
  };
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
const bytesOf = ({ shape, dtype }: TracedTensor) => product(shape) * typeBytes(dtype);

/** The positions, for each convolution and convolution gradient, of the kernel and of the map with one kernel product per pixel. */
const CONVOLUTIONS: Record<
  string,
  { kernel: (op: TracedOp) => TracedTensor; map: (op: TracedOp) => TracedTensor }
> = {};
for (const name of ["Conv2D", "Conv3D", "DepthwiseConv2dNative"]) {
  const suffix = name === "Conv3D" ? "V2" : "";
  CONVOLUTIONS[name] = { kernel: (op) => op.inputs[1]!, map: (op) => op.outputs[0]! };
  CONVOLUTIONS[`${name}BackpropInput${suffix}`] = {
    kernel: (op) => op.inputs[1]!,
    map: (op) => op.inputs[2]!,
  };
  CONVOLUTIONS[`${name}BackpropFilter${suffix}`] = {
    kernel: (op) => op.outputs[0]!,
    map: (op) => op.inputs[2]!,
  };
}

function flopsOf(op: TracedOp): number {
  const convolution = CONVOLUTIONS[op.kind];
  if (convolution) {
    const [kernel, map] = [convolution.kernel(op).shape, convolution.map(op).shape];
    // Per output value: all taps and input channels; a depthwise kernel reads one channel.
    const depthwise = op.kind.startsWith("Depthwise");
    const perValue = product(kernel.slice(0, depthwise ? -2 : -1));
    return 2 * product(map) * perValue;
  }
  if (op.kind === "MatMul" || op.kind.startsWith("BatchMatMul")) {
    const [a, b] = [op.inputs[0]!.shape, op.inputs[1]!.shape];
    const out = op.outputs[0]!.shape;
    // |a| |b| / (rows columns batch) is the square of the summed dimension, where rows, columns and batch are those of the result.
    const batch = product(out.slice(0, -2));
    const inner = Math.sqrt(((product(a) / batch) * (product(b) / batch)) / product(out.slice(-2)));
    return Number.isFinite(inner) ? Math.round(2 * product(out) * inner) : 0;
  }
  return 0;
}

/** Estimates peak memory in call order: an output is held from the op that creates it to the last op that reads it. */
function peakBytes(ops: readonly TracedOp[]): number {
  const lastReader = new Map<TracedTensor, number>();
  ops.forEach((op, i) => {
    for (const input of op.inputs) lastReader.set(input, i);
  });
  const freedAfter = new Map<number, TracedTensor[]>();
  for (const [tensor, i] of lastReader) freedAfter.set(i, [...(freedAfter.get(i) ?? []), tensor]);
  const made = new Set<TracedTensor>();
  let [live, peak] = [0, 0];
  ops.forEach((op, i) => {
    // A view of its input needs no memory.
    if (!VIEWS.has(op.kind)) {
      for (const output of op.outputs) {
        made.add(output);
        live += bytesOf(output);
      }
    }
    peak = Math.max(peak, live);
    for (const tensor of freedAfter.get(i) ?? []) if (made.has(tensor)) live -= bytesOf(tensor);
  });
  return peak;
}

const VIEWS = new Set(["Reshape", "Identity", "ExpandDims", "Squeeze"]);
