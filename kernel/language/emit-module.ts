import { readFileSync } from "node:fs";
import ts from "typescript";
import { withoutShebang } from "./declarations";
import { Edits } from "./edits";
import { transpiled } from "./javascript";
import type { CompiledModule } from "./language";
import { checkLoops } from "./loop-checks";

const f = ts.factory;
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  // This format has what modules need (live bindings, cycles, top-level await) without Node's loader.
  module: ts.ModuleKind.System,
  // Also treats a file without imports and exports as a module: it is imported for its effects.
  moduleDetection: ts.ModuleDetectionKind.Force,
  ignoreDeprecations: "6.0",
  esModuleInterop: true,
};

/** Compiles one file of the user. Types are not checked here. */
export function emitModule(file: string): CompiledModule {
  const source = withoutShebang(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  const { text, map, error } = transpiled(source, {
    fileName: file,
    compilerOptions: OPTIONS,
    reportDiagnostics: true,
    transformers: { before: [initialized, withDefault] },
  });
  if (error) {
    const { line, character } = ts.getLineAndCharacterOfPosition(error.file!, error.start!);
    const message = ts.flattenDiagnosticMessageText(error.messageText, "\n");
    throw new SyntaxError(
      `${file}:${line + 1}:${character + 1}: ${message}\n    ${source.split(/\r?\n/)[line]!.trim()}`,
    );
  }
  const edits = new Edits(text);
  checkLoops(ts.createSourceFile("module.js", text, ts.ScriptTarget.ES2022), edits);
  return edits.print([[0, text.length]], file, map);
}

/**
 * `export let x;` must be exported as undefined from its line on. The System format does not export variables that are
 * never assigned.
 */
const initialized: ts.TransformerFactory<ts.SourceFile> = (context) => (source) => {
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isVariableDeclaration(node) && !node.initializer)
      return f.updateVariableDeclaration(node, node.name, undefined, node.type, f.createVoidZero());
    return ts.isVariableDeclarationList(node) || (ts.isVariableStatement(node) && !isAmbient(node))
      ? ts.visitEachChild(node, visit, context)
      : node;
  };
  return ts.visitEachChild(source, visit, context);
};

/** `export = value`, which the System format lacks, exports the default. */
const withDefault: ts.TransformerFactory<ts.SourceFile> = () => (source) =>
  f.updateSourceFile(
    source,
    source.statements.map((node) =>
      ts.isExportAssignment(node) && node.isExportEquals
        ? f.createExportAssignment(node.modifiers, false, node.expression)
        : node,
    ),
  );

const isAmbient = (node: ts.VariableStatement) =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
