import type { TFEOpAttr } from "#tfjs/backend";
import { binding } from "./backend";
import type { Pointer } from "./capi";
import { context } from "./context";
import type { Description, Values } from "./handles";
import { allBytes, readFields } from "./protobuf";
import { type Body, type Inputs, presentHandle, record } from "./record";
import { inSession } from "./session";
import type { TracedOp, TracedTensor } from "./trace";

/** A tensor of a frozen graph: an argument of the function, an output of a node, or a constant. */
export type FrozenTensor =
  | { readonly argument: number }
  | { readonly node: number; readonly output: number }
  | { readonly constant: FrozenValue };

/** A constant: shape, TensorFlow's number of the type, and values. */
export interface FrozenValue extends Description {
  readonly values: Values;
}

/** An operation that depends on the arguments. */
export interface FrozenNode {
  /** TensorFlow's name of the kind, such as `Conv3D`. */
  readonly kind: string;
  readonly inputs: readonly FrozenTensor[];
  readonly attributes: readonly TFEOpAttr[];
  /** All attributes as TensorFlow stores them: the entries of `NodeDef.attr`. */
  readonly definitions: readonly Buffer[];
  readonly outputs: readonly Description[];
}

/** A function as a graph whose other tensors are constants. */
export interface FrozenGraph {
  readonly nodes: readonly FrozenNode[];
  /** The results, in the order of the function's leaves. */
  readonly results: readonly FrozenTensor[];
}

/**
 * Returns the graph of a function with the current values of its variables. Everything that does not depend on the arguments is computed and
 * becomes a constant. Nothing else is computed.
 *
 * @throws Error as `compile`
 */
export function freeze(name: string, body: Body, args: Inputs): FrozenGraph {
  const recording = record(name, body, args);
  const { trace, outputs } = recording;
  try {
    const { inputs, captured, ops, results } = trace.between(outputs);
    const dependent = dependentOps(ops, inputs);
    const order = [...dependent];
    const frontier = [...new Set([...order.flatMap((op) => op.inputs), ...results])].filter(
      (tensor) => !dependent.has(tensor.op) && !inputs.includes(tensor),
    );
    const known = new Map(captured.map(({ id, tensor }) => [tensor, presentHandle(recording, id)]));
    const constants = evaluated(name, trace.graph, known, frontier);
    const place = (tensor: TracedTensor): FrozenTensor => {
      const constant = constants.get(tensor);
      if (constant) return { constant };
      const argument = inputs.indexOf(tensor);
      if (argument >= 0) return { argument };
      return { node: order.indexOf(tensor.op), output: tensor.output.index };
    };
    return {
      nodes: order.map((op) => ({
        kind: op.kind,
        inputs: op.inputs.map(place),
        attributes: op.attributes,
        definitions: definitionsOf(op),
        outputs: op.outputs.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
      })),
      results: results.map(place),
    };
  } finally {
    trace.dispose();
  }
}

/** Returns the operations that depend on some tensors, in their order. */
function dependentOps(ops: readonly TracedOp[], inputs: readonly TracedTensor[]): Set<TracedOp> {
  const found = new Set<TracedOp>();
  for (const op of ops)
    if (op.inputs.some((input) => inputs.includes(input) || found.has(input.op))) found.add(op);
  return found;
}

/** Computes tensors of a graph. @param known the captured tensors with the numbers of their handles */
function evaluated(
  name: string,
  graph: Pointer,
  known: ReadonlyMap<TracedTensor, number>,
  tensors: readonly TracedTensor[],
): Map<TracedTensor, FrozenValue> {
  const values = new Map<TracedTensor, FrozenValue>();
  for (const tensor of tensors) if (known.has(tensor)) values.set(tensor, frozenValue(known.get(tensor)!));
  const wanted = tensors.filter((tensor) => !known.has(tensor));
  if (wanted.length === 0) return values;
  const { c, status } = context();
  const feeds = {
    outputs: [...known.keys()].map(({ output }) => output),
    values: [...known.values()].map((id) => binding.handles.resolve(id)),
  };
  try {
    const fetches = wanted.map(({ output }) => output);
    const fetched = inSession(name, graph, (run) => run(feeds, fetches));
    wanted.forEach((tensor, i) => {
      const { id } = binding.handles.adopt(c.newHandle(fetched[i], status));
      c.deleteTensor(fetched[i]);
      values.set(tensor, frozenValue(id));
      binding.handles.delete(id);
    });
    return values;
  } finally {
    for (const value of feeds.values) c.deleteTensor(value);
  }
}

/** Returns the value of a handle. */
const frozenValue = (id: number): FrozenValue => ({
  ...binding.handles.describe(id),
  values: binding.handles.read(id),
});

/** `NodeDef.attr` (tensorflow/core/framework/node_def.proto) */
const ATTR = 5;

function definitionsOf({ operation, kind }: TracedOp): Buffer[] {
  const { c, status, check } = context();
  const buffer = c.newBuffer();
  try {
    c.operationToNodeDef(operation, buffer, status);
    check(kind);
    return allBytes(readFields(c.bufferBytes(buffer)), ATTR);
  } finally {
    c.deleteBuffer(buffer);
  }
}
