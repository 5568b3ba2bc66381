import { type Context, context } from "./context";
import { allBytes, readFields, textOf } from "./protobuf";

/**
 * The input arguments of an op: for each one, whether it is a list, and which attributes TensorFlow infers from the passed tensors (their
 * type, a list's length).
 */
export type OpSignature = readonly { name: string; isList: boolean; implies: readonly string[] }[];

const known = new Map<string, OpSignature>();

/**
 * Returns the inputs of an op as TensorFlow declares them (`OpDef`, `tensorflow/core/framework/op_def.proto`).
 *
 * @throws TensorFlowError when there is no such op
 */
function opSignature(name: string): OpSignature {
  let signature = known.get(name);
  if (!signature) {
    signature = read(context(), name);
    known.set(name, signature);
  }
  return signature;
}

function read({ c, status, check }: Context, name: string): OpSignature {
  const graph = c.newGraph();
  const buffer = c.newBuffer();
  try {
    c.graphGetOpDef(graph, name, buffer, status);
    check(name);
    return allBytes(readFields(c.bufferBytes(buffer)), INPUT_ARG).map((bytes) => {
      const arg = readFields(bytes);
      const has = (field: number) => arg.some(({ number }) => number === field);
      return {
        name: textOf(arg, NAME),
        isList: has(NUMBER_ATTR) || has(TYPE_LIST_ATTR),
        implies: [TYPE_ATTR, NUMBER_ATTR, TYPE_LIST_ATTR].filter(has).map((field) => textOf(arg, field)),
      };
    });
  } finally {
    c.deleteBuffer(buffer);
    c.deleteGraph(graph);
  }
}

// Field numbers: OpDef.input_arg, and in its ArgDef name, type_attr, number_attr, type_list_attr.
const INPUT_ARG = 2;
const NAME = 1;
const TYPE_ATTR = 4;
const NUMBER_ATTR = 5;
const TYPE_LIST_ATTR = 6;

/**
 * Groups the inputs of a call by the op's declared arguments.
 *
 * @returns one array per list argument, single inputs bare. tfjs's kernels call only ops with at most one list.
 */
export function groupInputs<T>(name: string, inputs: readonly T[]): (T | T[])[] {
  const signature = opSignature(name);
  const lists = signature.filter(({ isList }) => isList).length;
  if (lists > 1)
    throw new Error(`${name} takes several lists of tensors, which cannot be told apart in one array.`);
  const length = inputs.length - (signature.length - lists);
  let at = 0;
  return signature.map(({ isList }) => {
    const first = at;
    at += isList ? length : 1;
    return isList ? inputs.slice(first, at) : inputs[first]!;
  });
}

/**
 * Returns the attributes of a call that its inputs do not imply. Only these are set, because some of tfjs's kernels give a wrong input
 * type: that of their argument in place of the cast tensor that they pass (`mean` of int32).
 */
export function ownAttributes<T extends { name: string }>(name: string, attributes: readonly T[]): T[] {
  const implied = new Set(opSignature(name).flatMap(({ implies }) => implies));
  return attributes.filter((attribute) => !implied.has(attribute.name));
}
