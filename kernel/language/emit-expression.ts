import ts from "typescript";
import { rename } from "./rename";
import { transpiled } from "./transpile";

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Legacy,
};

/**
 * Compiles an expression of a debugger, such as the condition of a breakpoint, without checking its types.
 *
 * @param nodes names of the session that are also Node's
 * @throws SyntaxError for text that is not TypeScript
 */
export function emitExpression(text: string, nodes: ReadonlySet<string>): string {
  const { code, error } = transpiled(text, "expression", {
    fileName: "expression.ts",
    compilerOptions: OPTIONS,
    reportDiagnostics: true,
    transformers: { before: nodes.size ? [rename(nodes)] : [] },
  });
  if (error) throw new SyntaxError(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  return code.replace(/^"use strict";\n/, "").replace(/;\s*$/, "");
}
