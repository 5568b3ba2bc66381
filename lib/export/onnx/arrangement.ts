import { type Size, sizeFrom } from "../graph/portable-graph";
import { type Convert, type Operation, padsFrom } from "./operation";

/** Returns an axis of a tensor, counted from the front. */
const fromFront = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** Returns the axis that an input names, counted from the front. */
const axisOf = (operation: Operation, at: number) =>
  fromFront(operation.fixed(at).values[0]!, operation.rank);

const plus = (a: number | Size, b: number | Size): Size => {
  const [x, y] = [sizeFrom(a), sizeFrom(b)];
  return { base: x.base + y.base, perSample: x.perSample + y.perSample };
};

/** The end of an axis of any length. */
const END = Number.MAX_SAFE_INTEGER;

const reduction =
  (op: string, axesAreInput = false): Convert =>
  (operation) => {
    const keep = Number(operation.attribute("keep_dims", false));
    const rank = keep ? operation.rank : operation.rank + operation.fixed(1).values.length;
    const axes = operation.fixed(1).values.map((axis) => fromFront(axis, rank));
    const x = operation.input(0);
    if (axes.length === 0) operation.result("Identity", [x]);
    else if (axesAreInput) operation.result(op, [x, operation.numbers(axes)], { keepdims: keep });
    else operation.result(op, [x], { axes, keepdims: keep });
  };

/** The operations that move, join, cut or reduce values, by TensorFlow's names. */
export const ARRANGEMENT: Readonly<Record<string, Convert>> = {
  BroadcastTo: (operation) =>
    operation.result("Expand", [operation.input(0), operation.numbers(operation.sizes(1))]),
  ConcatV2: (operation) => {
    const last = operation.count - 1;
    operation.result("Concat", operation.inputs(last), { axis: axisOf(operation, last) });
  },
  ExpandDims: (operation) =>
    operation.result("Unsqueeze", [operation.input(0), operation.numbers([axisOf(operation, 1)])]),
  GatherV2: (operation) => {
    if (operation.attribute("batch_dims", 0) !== 0) throw operation.unsupported("it has axes of batches");
    const [axis] = operation.fixed(2).values;
    if (axis! < 0) throw operation.unsupported("its axis is negative");
    operation.result("Gather", [operation.input(0), operation.input(1)], { axis: axis! });
  },
  Max: reduction("ReduceMax"),
  Mean: reduction("ReduceMean"),
  Min: reduction("ReduceMin"),
  Pack: (operation) => {
    const axis = fromFront(operation.attribute("axis", 0), operation.rank);
    const at = operation.numbers([axis]);
    const parts = operation.inputs().map((input) => operation.step("Unsqueeze", [input, at]));
    operation.result("Concat", parts, { axis });
  },
  Pad: padded,
  PadV2: padded,
  Prod: reduction("ReduceProd"),
  Reshape: (operation) =>
    operation.result("Reshape", [operation.input(0), operation.numbers(operation.sizes(1))]),
  ReverseV2: (operation) => {
    const axes = operation.fixed(1).values.map((axis) => fromFront(axis, operation.rank));
    const all = (value: number) => operation.numbers(axes.map(() => value));
    operation.result("Slice", [operation.input(0), all(-1), all(-END), operation.numbers(axes), all(-1)]);
  },
  Slice: (operation) => {
    const [begin, size] = [operation.sizes(1), operation.sizes(2)];
    const ends = size.map((each, axis) => (each === -1 ? END : plus(begin[axis]!, each)));
    operation.result("Slice", [operation.input(0), operation.numbers(begin), operation.numbers(ends)]);
  },
  Split: (operation) => {
    const outputs = operation.node.outputs.length;
    if (outputs === 1) operation.result("Identity", [operation.input(1)]);
    else operation.result("Split", [operation.input(1)], { axis: axisOf(operation, 0) });
  },
  SplitV: (operation) => {
    if (operation.node.outputs.length === 1) operation.result("Identity", [operation.input(0)]);
    else
      operation.result("Split", [operation.input(0), operation.numbers(operation.sizes(1))], {
        axis: axisOf(operation, 2),
      });
  },
  Squeeze: (operation) => {
    const axes = operation.attribute<readonly number[]>("squeeze_dims", []);
    if (axes.length === 0) throw operation.unsupported("it names no axes");
    const rank = operation.rank + axes.length;
    const all = Array.from(axes, (axis) => fromFront(axis, rank));
    operation.result("Squeeze", [operation.input(0), operation.numbers(all)]);
  },
  Sum: reduction("ReduceSum", true),
  Tile: (operation) => operation.result("Tile", [operation.input(0), operation.numbers(operation.sizes(1))]),
  Transpose: (operation) =>
    operation.result("Transpose", [operation.input(0)], { perm: operation.fixed(1).values }),
  Unpack: (operation) => operation.unpack(fromFront(operation.attribute("axis", 0), operation.rank + 1)),
};

function padded(operation: Operation): void {
  const pads = padsFrom(operation.fixed(1).values);
  const value = operation.count > 2 ? [operation.input(2)] : [];
  operation.result("Pad", [operation.input(0), operation.numbers(pads), ...value]);
}
