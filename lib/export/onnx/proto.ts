import { writeFloat, writeInt, writeMessage, writeText } from "../../engine/protobuf";

/**
 * The messages of ONNX that a model consists of, in protobuf's wire format. The field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */

/** The types of tensors (`TensorProto.DataType`). */
export const ONNX = { FLOAT: 1, UINT8: 2, INT32: 6, INT64: 7, BOOL: 9 } as const;

/** An attribute of a node: a number (`{ float }` for one that is not whole), a text, or whole numbers. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A node of a graph. */
export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** `AttributeProto.AttributeType` */
const KIND = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 } as const;

function attribute(name: string, value: Attribute): Buffer {
  const of = (kind: number, ...fields: Buffer[]) =>
    writeMessage(5, writeText(1, name), ...fields, writeInt(20, kind));
  if (typeof value === "number") return of(KIND.INT, writeInt(3, value));
  if (typeof value === "string") return of(KIND.STRING, writeText(4, value));
  if ("float" in value) return of(KIND.FLOAT, writeFloat(2, value.float));
  return of(KIND.INTS, ...value.map((each) => writeInt(8, each)));
}

/** Returns a node as a field of a graph. */
export const nodeField = ({ op, name, inputs, outputs, attributes }: OnnxNode): Buffer =>
  writeMessage(
    1,
    ...inputs.map((input) => writeText(1, input)),
    ...outputs.map((output) => writeText(2, output)),
    writeText(3, name),
    writeText(4, op),
    ...Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  );

/** Returns a constant as a field of a graph. */
export const initializerField = (
  name: string,
  type: number,
  shape: readonly number[],
  values: ArrayBufferView,
): Buffer =>
  writeMessage(
    5,
    ...shape.map((size) => writeInt(1, size)),
    writeInt(2, type),
    writeText(8, name),
    writeMessage(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );

/** The fields of a graph for its inputs and outputs. */
export const GRAPH_FIELD = { INPUT: 11, OUTPUT: 12 } as const;

/** Returns an input or output as a field of a graph. @param shape sizes, or the names of sizes that vary */
export const valueField = (
  field: number,
  name: string,
  type: number,
  shape: readonly (number | string)[],
): Buffer => {
  const dims = shape.map((size) =>
    writeMessage(1, typeof size === "number" ? writeInt(1, size) : writeText(2, size)),
  );
  return writeMessage(
    field,
    writeText(1, name),
    writeMessage(2, writeMessage(1, writeInt(1, type), writeMessage(2, ...dims))),
  );
};

/** The version of the operators, and of the file format that ONNX released with them. */
export const [OPSET, IR_VERSION] = [17, 8];

/** Returns the bytes of a model. @param graph the fields of its graph */
export const modelBytes = (
  graph: readonly Buffer[],
  name: string,
  properties: Readonly<Record<string, string>>,
): Buffer =>
  Buffer.concat([
    writeInt(1, IR_VERSION),
    writeText(2, "gradbook"),
    writeMessage(7, ...graph, writeText(2, name)),
    writeMessage(8, writeText(1, ""), writeInt(2, OPSET)),
    ...Object.entries(properties).map(([key, value]) =>
      writeMessage(14, writeText(1, key), writeText(2, value)),
    ),
  ]);
