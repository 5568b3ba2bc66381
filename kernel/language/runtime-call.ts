import ts from "typescript";
import { RUNTIME } from "./language";

const f = ts.factory;

/** A member of the object by which compiled cells reach the kernel. */
export const runtime = (member: string) =>
  f.createPropertyAccessExpression(f.createIdentifier(RUNTIME), member);

/** A statement that calls a member of that object. */
export const call = (member: string, values: ts.Expression[]) =>
  f.createExpressionStatement(f.createCallExpression(runtime(member), undefined, values));
