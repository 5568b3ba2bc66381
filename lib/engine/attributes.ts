import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import type { Pointer } from "./capi";
import { context } from "./context";

/** tfjs's numbers for the kinds of attribute; any numbers do, as long as the binding knows them. */
export const ATTR = { STRING: 0, INT: 1, FLOAT: 2, BOOL: 3, TYPE: 4, SHAPE: 5, RESOURCE: 9 } as const;

/** Sets one attribute on an eager op (`TFE_Op*`) or on a graph operation (`TF_OperationDescription*`). */
export function setAttribute(target: "eager" | "graph", op: Pointer, { name, type, value }: TFEOpAttr): void {
  const { c, status } = context();
  const eager = target === "eager";
  const ints = () => BigInt64Array.from(value as ArrayLike<number>, (n) => BigInt(n));
  switch (type) {
    case ATTR.STRING: {
      const text = Buffer.from(String(value));
      return (eager ? c.opSetString : c.setString)(op, name, text, text.length);
    }
    case ATTR.INT: {
      if (typeof value === "number") return (eager ? c.opSetInt : c.setInt)(op, name, value);
      const list = ints();
      return (eager ? c.opSetIntList : c.setIntList)(op, name, list, list.length);
    }
    case ATTR.FLOAT:
      return (eager ? c.opSetFloat : c.setFloat)(op, name, value);
    case ATTR.BOOL:
      return (eager ? c.opSetBool : c.setBool)(op, name, value ? 1 : 0);
    case ATTR.TYPE:
      return (eager ? c.opSetType : c.setType)(op, name, value);
    case ATTR.SHAPE: {
      const dims = ints();
      if (eager) return c.opSetShape(op, name, dims, dims.length, status);
      return c.setShape(op, name, dims, dims.length);
    }
    default:
      throw new Error(`Attribute ${name} has kind ${type}, which the engine does not know.`);
  }
}
