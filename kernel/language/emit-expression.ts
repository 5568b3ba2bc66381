import ts from "typescript";
import { parse } from "./declarations";
import { Edits } from "./edits";
import { CodeEdits } from "./emit-code";
import { javascript } from "./javascript";

/**
 * Compiles an expression of a debugger, such as the condition of a breakpoint, without checking its types.
 *
 * @param nodes names of the session that are also Node's
 * @throws SyntaxError for text that is not TypeScript
 */
export function emitExpression(expression: string, nodes: ReadonlySet<string>): string {
  const parsed = parse(expression);
  const [error] = parsed.parseDiagnostics;
  if (error) throw new SyntaxError(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  const { text, tree } = javascript(parsed);
  const edits = new Edits(text);
  new CodeEdits(tree, edits, nodes).visitChildren(tree);
  return edits.print([[0, text.length]], "expression").code.replace(/[;\s]+$/, "");
}
