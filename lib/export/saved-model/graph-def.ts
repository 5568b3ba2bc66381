import { TF, toTypedArray } from "../../engine/dtypes";
import { type PortableConstant, type PortableGraph, type Size, tensorName } from "../graph/portable-graph";
import { nodeField, shapeAttribute, tensorAttribute, typeAttribute } from "./proto";

/** Returns the nodes of a graph of TensorFlow, as fields of `GraphDef`. */
export function graphNodes({ inputs, nodes, constants }: PortableGraph): Buffer[] {
  const placeholders = inputs.map(({ name, sample, dtype }) => {
    const attributes = [typeAttribute("dtype", dtype), shapeAttribute("shape", [-1, ...sample])];
    return nodeField(name, "Placeholder", [], attributes);
  });
  const known = [...constants].flatMap(([name, constant]) => constantNodes(name, constant, inputs[0]!.name));
  const operations = nodes.map(({ name, kind, inputs, definitions }) =>
    nodeField(name, kind, inputs.map(tensorName), definitions),
  );
  return [...placeholders, ...known, ...operations];
}

/** Returns the nodes of a constant; the last one has its name. @param sampled the input whose first axis is the batch */
function constantNodes(name: string, constant: PortableConstant, sampled: string): Buffer[] {
  switch (constant.kind) {
    case "fixed":
      return [literal(name, constant.dtype, constant.shape, constant.values as Float32Array)];
    case "sizes":
      return sizesNodes(name, constant, sampled);
    case "filled": {
      const { dtype, shape, value } = constant;
      const { nodes, result } = sized(name, shape, sampled);
      return [
        ...nodes,
        literal(`${name}/value`, dtype, [], toTypedArray(dtype, [value])),
        nodeField(name, "Fill", [result, `${name}/value`], [T(dtype), typeAttribute("index_type", TF.INT32)]),
      ];
    }
    case "rows":
      return rowsNodes(name, constant, sampled);
  }
}

function sizesNodes(
  name: string,
  { shape, dtype, values }: PortableConstant & { kind: "sizes" },
  sampled: string,
): Buffer[] {
  const { nodes, result } = sized(name, values, sampled);
  return [
    ...nodes,
    literal(`${name}/shape`, TF.INT32, [shape.length], Int32Array.from(shape)),
    reshape(`${name}/shaped`, [result, `${name}/shape`], TF.INT32),
    cast(name, `${name}/shaped`, dtype),
  ];
}

/** Returns the nodes of `first + step * [0, 1, ..., count - 1]`, with a row for each number. */
function rowsNodes(
  name: string,
  { count, shape, dtype, first, step }: PortableConstant & { kind: "rows" },
  sampled: string,
): Buffer[] {
  const { nodes, result } = sized(name, [count], sampled);
  const part = (of: string) => `${name}/${of}`;
  const toColumn = Int32Array.from([-1, ...shape.map(() => 1)]);
  const range = [part("zero"), part("count"), part("unit")];
  return [
    ...nodes,
    literal(part("none"), TF.INT32, [0], new Int32Array(0)),
    literal(part("zero"), TF.INT32, [], Int32Array.of(0)),
    literal(part("unit"), TF.INT32, [], Int32Array.of(1)),
    reshape(part("count"), [result, part("none")], TF.INT32),
    nodeField(part("samples"), "Range", range, [typeAttribute("Tidx", TF.INT32)]),
    cast(part("number"), part("samples"), dtype),
    literal(part("toColumn"), TF.INT32, [toColumn.length], toColumn),
    reshape(part("column"), [part("number"), part("toColumn")], dtype),
    literal(part("step"), dtype, [], toTypedArray(dtype, [step])),
    nodeField(part("steps"), "Mul", [part("column"), part("step")], [T(dtype)]),
    literal(part("first"), dtype, [1, ...shape], toTypedArray(dtype, first)),
    nodeField(name, "AddV2", [part("first"), part("steps")], [T(dtype)]),
  ];
}

const T = (dtype: number) => typeAttribute("T", dtype);

const literal = (name: string, dtype: number, shape: readonly number[], values: ArrayBufferView) => {
  const attributes = [typeAttribute("dtype", dtype), tensorAttribute("value", dtype, shape, values)];
  return nodeField(name, "Const", [], attributes);
};

const reshape = (name: string, [x, shape]: [x: string, shape: string], dtype: number) =>
  nodeField(name, "Reshape", [x, shape], [T(dtype), typeAttribute("Tshape", TF.INT32)]);

/** Converts an int32 tensor to another type. */
const cast = (name: string, x: string, dtype: number) =>
  nodeField(name, "Cast", [x], [typeAttribute("SrcT", TF.INT32), typeAttribute("DstT", dtype)]);

/** Returns nodes that compute whole numbers from the batch size, int32, and the name of the vector. */
function sized(name: string, sizes: readonly Size[], sampled: string): { nodes: Buffer[]; result: string } {
  const part = (of: string) => `${name}/${of}`;
  const vector = (of: string, values: readonly number[]) =>
    literal(part(of), TF.INT32, [values.length], Int32Array.from(values));
  const bounds = [part("sizes"), part("begin"), part("one")];
  const bases = sizes.map(({ base }) => base);
  const perSample = sizes.map((size) => size.perSample);
  const nodes = [
    nodeField(part("sizes"), "Shape", [sampled], [T(TF.FLOAT), typeAttribute("out_type", TF.INT32)]),
    vector("begin", [0]),
    vector("one", [1]),
    nodeField(part("batch"), "Slice", bounds, [T(TF.INT32), typeAttribute("Index", TF.INT32)]),
    vector("base", bases),
    vector("perSample", perSample),
    nodeField(part("scaled"), "Mul", [part("batch"), part("perSample")], [T(TF.INT32)]),
    nodeField(part("vector"), "AddV2", [part("base"), part("scaled")], [T(TF.INT32)]),
  ];
  return { nodes, result: part("vector") };
}
