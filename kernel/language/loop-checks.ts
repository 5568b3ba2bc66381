import ts from "typescript";
import { call } from "./runtime-call";

const f = ts.factory;

/**
 * Lets V8 stop loops in cells and in the user's modules. Code that V8 has not optimized yet looks for a stop only at the
 * start of a function and after some thousand turns of a loop. A loop such as `for (;;) JSON.parse(text)`, whose turns
 * take long and enter no function of JavaScript, would go on for minutes. Every loop that contains a call therefore
 * calls an empty function first. Loops that only compute stay as they are.
 */
export const withLoopChecks: ts.TransformerFactory<ts.SourceFile> = (context) => (source) => {
  const visit = (node: ts.Node): ts.Node => {
    const visited = ts.visitEachChild(node, visit, context);
    return ts.isIterationStatement(visited, false) && hasCall(visited) ? withCheck(visited) : visited;
  };
  return ts.visitEachChild(source, visit, context);
};

/** Whether a node calls something itself, outside of the functions that it contains. */
function hasCall(node: ts.Node): boolean {
  if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node))
    return true;
  return ts.forEachChild(node, (child) => !ts.isFunctionLike(child) && hasCall(child)) ?? false;
}

function withCheck(loop: ts.IterationStatement): ts.Node {
  const inside = ts.isBlock(loop.statement) ? loop.statement.statements : [loop.statement];
  const body = ts.setTextRange(f.createBlock([call("check", []), ...inside], true), loop.statement);
  if (ts.isForStatement(loop))
    return f.updateForStatement(loop, loop.initializer, loop.condition, loop.incrementor, body);
  if (ts.isForOfStatement(loop))
    return f.updateForOfStatement(loop, loop.awaitModifier, loop.initializer, loop.expression, body);
  if (ts.isForInStatement(loop)) return f.updateForInStatement(loop, loop.initializer, loop.expression, body);
  if (ts.isWhileStatement(loop)) return f.updateWhileStatement(loop, loop.expression, body);
  return f.updateDoStatement(loop as ts.DoStatement, body, (loop as ts.DoStatement).expression);
}
