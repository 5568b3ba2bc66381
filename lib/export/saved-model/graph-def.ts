import { TF, toTypedArray } from "../../engine/dtypes";
import { type PortableConstant, type PortableGraph, type Size, tensorName } from "../graph/portable-graph";
import { nodeField, shapeAttribute, tensorAttribute, typeAttribute } from "./proto";

/** Returns the nodes of a graph of TensorFlow, as fields of `GraphDef`. */
export function graphNodes({ inputs, nodes, constants }: PortableGraph): Buffer[] {
  const placeholders = inputs.map(({ name, sample, dtype }) =>
    nodeField(
      name,
      "Placeholder",
      [],
      [typeAttribute("dtype", dtype), shapeAttribute("shape", [-1, ...sample])],
    ),
  );
  const known = [...constants].flatMap(([name, constant]) => constantNodes(name, constant, inputs[0]!.name));
  const operations = nodes.map(({ name, kind, inputs, definitions }) =>
    nodeField(name, kind, inputs.map(tensorName), definitions),
  );
  return [...placeholders, ...known, ...operations];
}

/** Returns the nodes of a constant; the last one has its name. @param sampled the input whose first axis is the batch */
function constantNodes(name: string, constant: PortableConstant, sampled: string): Buffer[] {
  const { kind, dtype } = constant;
  switch (kind) {
    case "fixed":
      return [literal(name, dtype, constant.shape, constant.values as Float32Array)];
    case "sizes": {
      const { nodes, result } = sized(name, constant.values, sampled);
      return [
        ...nodes,
        literal(`${name}/shape`, TF.INT32, [constant.shape.length], Int32Array.from(constant.shape)),
        nodeField(
          `${name}/shaped`,
          "Reshape",
          [result, `${name}/shape`],
          [T(TF.INT32), typeAttribute("Tshape", TF.INT32)],
        ),
        nodeField(
          name,
          "Cast",
          [`${name}/shaped`],
          [typeAttribute("SrcT", TF.INT32), typeAttribute("DstT", dtype)],
        ),
      ];
    }
    case "filled": {
      const { nodes, result } = sized(name, constant.shape, sampled);
      return [
        ...nodes,
        literal(`${name}/value`, dtype, [], toTypedArray(dtype, [constant.value])),
        nodeField(name, "Fill", [result, `${name}/value`], [T(dtype), typeAttribute("index_type", TF.INT32)]),
      ];
    }
    case "rows": {
      const { shape, first, step } = constant;
      const { nodes, result } = sized(name, [constant.count], sampled);
      const part = (of: string) => `${name}/${of}`;
      const toColumn = Int32Array.from([-1, ...shape.map(() => 1)]);
      return [
        ...nodes,
        literal(part("none"), TF.INT32, [0], new Int32Array(0)),
        literal(part("zero"), TF.INT32, [], Int32Array.of(0)),
        literal(part("unit"), TF.INT32, [], Int32Array.of(1)),
        nodeField(
          part("count"),
          "Reshape",
          [result, part("none")],
          [T(TF.INT32), typeAttribute("Tshape", TF.INT32)],
        ),
        nodeField(
          part("samples"),
          "Range",
          [part("zero"), part("count"), part("unit")],
          [typeAttribute("Tidx", TF.INT32)],
        ),
        nodeField(
          part("number"),
          "Cast",
          [part("samples")],
          [typeAttribute("SrcT", TF.INT32), typeAttribute("DstT", dtype)],
        ),
        literal(part("toColumn"), TF.INT32, [toColumn.length], toColumn),
        nodeField(
          part("column"),
          "Reshape",
          [part("number"), part("toColumn")],
          [T(dtype), typeAttribute("Tshape", TF.INT32)],
        ),
        literal(part("step"), dtype, [], toTypedArray(dtype, [step])),
        nodeField(part("steps"), "Mul", [part("column"), part("step")], [T(dtype)]),
        literal(part("first"), dtype, [1, ...shape], toTypedArray(dtype, first)),
        nodeField(name, "AddV2", [part("first"), part("steps")], [T(dtype)]),
      ];
    }
  }
}

const T = (dtype: number) => typeAttribute("T", dtype);

const literal = (name: string, dtype: number, shape: readonly number[], values: ArrayBufferView) =>
  nodeField(
    name,
    "Const",
    [],
    [typeAttribute("dtype", dtype), tensorAttribute("value", dtype, shape, values)],
  );

/** Returns nodes that compute whole numbers from the batch size, int32, and the name of the vector. */
function sized(name: string, sizes: readonly Size[], sampled: string): { nodes: Buffer[]; result: string } {
  const part = (of: string) => `${name}/${of}`;
  const vector = (of: string, values: readonly number[]) =>
    literal(part(of), TF.INT32, [values.length], Int32Array.from(values));
  const nodes = [
    nodeField(part("sizes"), "Shape", [sampled], [T(TF.FLOAT), typeAttribute("out_type", TF.INT32)]),
    vector("begin", [0]),
    vector("one", [1]),
    nodeField(
      part("batch"),
      "Slice",
      [part("sizes"), part("begin"), part("one")],
      [T(TF.INT32), typeAttribute("Index", TF.INT32)],
    ),
    vector(
      "base",
      sizes.map(({ base }) => base),
    ),
    vector(
      "perSample",
      sizes.map(({ perSample }) => perSample),
    ),
    nodeField(part("scaled"), "Mul", [part("batch"), part("perSample")], [T(TF.INT32)]),
    nodeField(part("vector"), "AddV2", [part("base"), part("scaled")], [T(TF.INT32)]),
  ];
  return { nodes, result: part("vector") };
}
