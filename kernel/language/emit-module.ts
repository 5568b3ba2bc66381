import { readFileSync } from "node:fs";
import type { SourceMapPayload } from "node:module";
import * as ts from "typescript";
import type { CompiledModule } from "./language";

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  // Its form has what modules need (live bindings, cycles, top-level await) and no need of Node's loader.
  module: ts.ModuleKind.System,
  ignoreDeprecations: "6.0",
  esModuleInterop: true,
  sourceMap: true,
};

/** Compiles one file of the user's. Types are not checked: that is the editor's work. */
export function emitModule(file: string): CompiledModule {
  const text = readFileSync(file, "utf8");
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(text, {
    fileName: file,
    compilerOptions: OPTIONS,
    reportDiagnostics: true,
  });
  const error = diagnostics?.find(({ category }) => category === ts.DiagnosticCategory.Error);
  if (error) {
    const { line, character } = ts.getLineAndCharacterOfPosition(error.file!, error.start!);
    const message = ts.flattenDiagnosticMessageText(error.messageText, "\n");
    throw new SyntaxError(
      `${file}:${line + 1}:${character + 1}: ${message}\n    ${text.split(/\r?\n/)[line]!.trim()}`,
    );
  }
  const map = JSON.parse(sourceMapText!) as SourceMapPayload;
  return {
    code: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""),
    map: { ...map, sources: [file], sourcesContent: [text] },
  };
}
