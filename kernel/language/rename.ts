import ts from "typescript";
import type { Edits } from "./edits";
import { globalName } from "./globals";

/**
 * Renames an identifier if it is a variable: a cell that declares `setTimeout` or `performance` gets a separate global, and libraries
 * keep using Node's.
 *
 * @param parents the nodes around it, the innermost last
 */
export function renameVariable(node: ts.Identifier, parents: readonly ts.Node[], edits: Edits): void {
  const start = node.end - node.text.length;
  // Types are blank.
  if (!edits.text.startsWith(node.text, start)) return;
  const [outer, parent] = parents.slice(-2) as [ts.Node, ts.Node];
  if (isShorthand(node, parent, outer)) edits.insertAfter(node.end, `: ${globalName(node.text)}`);
  else if (!isProperty(node, parent)) edits.replace(start, node.end, globalName(node.text));
}

/** Whether an identifier is both a property and a variable, as in `{ a }`. */
const isShorthand = (node: ts.Identifier, parent: ts.Node, outer: ts.Node): boolean =>
  (ts.isShorthandPropertyAssignment(parent) && parent.name === node) ||
  (ts.isObjectBindingPattern(outer) &&
    ts.isBindingElement(parent) &&
    parent.name === node &&
    !parent.propertyName &&
    !parent.dotDotDotToken);

/** Whether an identifier names a property rather than a variable. */
function isProperty(node: ts.Identifier, parent: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  const isMember = ts.isClassElement(parent) || ts.isObjectLiteralElement(parent);
  return (
    (isMember && parent.name === node) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent) ||
    ts.isMetaProperty(parent)
  );
}
