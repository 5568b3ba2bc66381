import type { TFEOpAttr } from "#tfjs/backend";
import type { Pointer } from "./capi";
import { context } from "./context";

/** The numbers of the attribute kinds. tfjs's backend reads them from the binding, so the values are arbitrary. */
export const ATTR = { STRING: 0, INT: 1, FLOAT: 2, BOOL: 3, TYPE: 4, SHAPE: 5, RESOURCE: 9 } as const;

/** Sets one attribute on an eager op (`TFE_Op*`) or on a graph operation (`TF_OperationDescription*`). */
export function setAttribute(target: "eager" | "graph", op: Pointer, { name, type, value }: TFEOpAttr): void {
  const { c, status } = context();
  const eager = target === "eager";
  const ints = () => BigInt64Array.from(value as ArrayLike<number>, (n) => BigInt(n));
  switch (type) {
    case ATTR.STRING: {
      const text = Buffer.from(String(value));
      (eager ? c.opSetString : c.setString)(op, name, text, text.length);
      break;
    }
    case ATTR.INT:
      if (typeof value === "number") (eager ? c.opSetInt : c.setInt)(op, name, value);
      else (eager ? c.opSetIntList : c.setIntList)(op, name, ints(), (value as ArrayLike<number>).length);
      break;
    case ATTR.FLOAT:
      (eager ? c.opSetFloat : c.setFloat)(op, name, value);
      break;
    case ATTR.BOOL:
      (eager ? c.opSetBool : c.setBool)(op, name, value ? 1 : 0);
      break;
    case ATTR.TYPE:
      (eager ? c.opSetType : c.setType)(op, name, value);
      break;
    case ATTR.SHAPE: {
      const dims = ints();
      if (eager) c.opSetShape(op, name, dims, dims.length, status);
      else c.setShape(op, name, dims, dims.length);
      break;
    }
    default:
      throw new Error(`Attribute ${name} has kind ${type}, which the engine does not support.`);
  }
}
