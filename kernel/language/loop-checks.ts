import ts from "typescript";
import type { Edits } from "./edits";
import { RUNTIME } from "./language";

/**
 * Lets V8 stop loops in cells and in the user's modules. Code that V8 has not optimized yet looks for a stop only at the
 * start of a function and after some thousand turns of a loop. A loop such as `for (;;) JSON.parse(text)`, whose turns
 * take long and enter no function of JavaScript, would go on for minutes. Every loop that contains a call therefore
 * calls an empty function first. Loops that only compute stay as they are.
 */
export function checkLoop(node: ts.Node, tree: ts.SourceFile, edits: Edits): void {
  if (!ts.isIterationStatement(node, false) || !hasCall(node)) return;
  const { statement } = node;
  const check = `${RUNTIME}.check();`;
  const start = statement.getStart(tree);
  if (ts.isBlock(statement)) edits.insertAfter(start + 1, ` ${check}`);
  else {
    edits.insertBefore(start, `{ ${check} `);
    edits.insertAfter(statement.end, " }");
  }
}

/** Adds the checks of all loops in a program. */
export function checkLoops(tree: ts.SourceFile, edits: Edits): void {
  const visit = (node: ts.Node): void => {
    checkLoop(node, tree, edits);
    ts.forEachChild(node, visit);
  };
  visit(tree);
}

/** Whether a node calls something itself, outside of the functions that it contains. */
function hasCall(node: ts.Node): boolean {
  if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node))
    return true;
  return ts.forEachChild(node, (child) => !ts.isFunctionLike(child) && hasCall(child)) ?? false;
}
