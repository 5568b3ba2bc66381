import { writeInt, writeMessage, writeText } from "../../engine/protobuf";

/**
 * The messages of TensorFlow that a SavedModel consists of, in protobuf's wire format (`tensorflow/core/protobuf/saved_model.proto`,
 * `meta_graph.proto`, and `graph.proto`, `node_def.proto`, `attr_value.proto`, `tensor.proto` in `tensorflow/core/framework`).
 */

/** A size of a shape: -1 for one that varies. */
const shapeFields = (shape: readonly number[]) => shape.map((size) => writeMessage(2, writeInt(1, size)));

/** Returns an attribute that is a type. */
export const typeAttribute = (name: string, dtype: number): Buffer => attribute(name, writeInt(6, dtype));

/** Returns an attribute that is a shape. */
export const shapeAttribute = (name: string, shape: readonly number[]): Buffer =>
  attribute(name, writeMessage(7, ...shapeFields(shape)));

/** Returns an attribute that is a tensor. */
export const tensorAttribute = (
  name: string,
  dtype: number,
  shape: readonly number[],
  values: ArrayBufferView,
): Buffer => {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return attribute(
    name,
    writeMessage(8, writeInt(1, dtype), writeMessage(2, ...shapeFields(shape)), writeMessage(4, bytes)),
  );
};

const attribute = (name: string, value: Buffer): Buffer =>
  Buffer.concat([writeText(1, name), writeMessage(2, value)]);

/** Returns a node as a field of a graph. @param attributes the entries of `NodeDef.attr` */
export const nodeField = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: readonly Buffer[],
): Buffer =>
  writeMessage(
    1,
    writeText(1, name),
    writeText(2, op),
    ...inputs.map((input) => writeText(3, input)),
    ...attributes.map((each) => writeMessage(5, each)),
  );

/** A named tensor of a signature. */
export interface SignatureTensor {
  /** The name of the argument or result. */
  readonly name: string;
  /** The tensor of the graph, such as `stim:0`. */
  readonly tensor: string;
  readonly dtype: number;
  /** -1 for a size that varies. */
  readonly shape: readonly number[];
}

const signatureField = (field: number, { name, tensor, dtype, shape }: SignatureTensor): Buffer => {
  const info = writeMessage(
    2,
    writeText(1, tensor),
    writeInt(2, dtype),
    writeMessage(3, ...shapeFields(shape)),
  );
  return writeMessage(field, writeText(1, name), info);
};

/** The version of TensorFlow's graphs by which the nodes are read (`GraphDef.versions.producer`). */
const PRODUCER = 1882;

/** Returns the bytes of `saved_model.pb`, with the signature `serving_default`. @param nodes the fields of the graph */
export function savedModelBytes(
  nodes: readonly Buffer[],
  inputs: readonly SignatureTensor[],
  outputs: readonly SignatureTensor[],
): Buffer {
  const about = writeMessage(1, writeText(4, "serve"));
  const graph = writeMessage(2, ...nodes, writeMessage(4, writeInt(1, PRODUCER)));
  const signature = writeMessage(
    2,
    ...inputs.map((input) => signatureField(1, input)),
    ...outputs.map((output) => signatureField(2, output)),
    writeText(3, "tensorflow/serving/predict"),
  );
  const signatures = writeMessage(5, writeText(1, "serving_default"), signature);
  return Buffer.concat([writeInt(1, 1), writeMessage(2, about, graph, signatures)]);
}
