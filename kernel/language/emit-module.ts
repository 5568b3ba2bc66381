import { readFileSync } from "node:fs";
import ts from "typescript";
import { withoutShebang } from "./declarations";
import { Edits } from "./edits";
import { transpiled } from "./javascript";
import { type CompiledModule, WHOLE } from "./language";
import { checkLoops } from "./loop-checks";
import type { Origin } from "./mapped-printer";

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

/** Compiles one file of the user. Types are not checked here. @param syntax options that say what syntax becomes */
export function emitModule(file: string, syntax: ts.CompilerOptions): CompiledModule {
  const source = withoutShebang(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  const { text, origin, error } = /x$/.test(file)
    ? inTwoSteps(source, file, syntax)
    : inSystem(source, file, syntax);
  if (error) {
    const { line, character } = ts.getLineAndCharacterOfPosition(error.file!, error.start!);
    const message = ts.flattenDiagnosticMessageText(error.messageText, "\n");
    throw new SyntaxError(
      `${file}:${line + 1}:${character + 1}: ${message}\n    ${source.split(/\r?\n/)[line]!.trim()}`,
    );
  }
  const edits = new Edits(text);
  checkLoops(ts.createSourceFile("module.js", text, ts.ScriptTarget.ES2022), edits);
  return edits.print([[0, text.length]], file, origin);
}

const inSystem = (source: string, fileName: string, syntax: ts.CompilerOptions) =>
  transpiled(source, {
    fileName,
    compilerOptions: { ...syntax, ...OPTIONS },
    reportDiagnostics: true,
    transformers: { before: [initialized, withWhole] },
  });

/** Compiles JSX first: the System format does not bind the import that TypeScript adds for JSX. */
function inTwoSteps(
  source: string,
  fileName: string,
  syntax: ts.CompilerOptions,
): ReturnType<typeof transpiled> {
  const compilerOptions = { ...syntax, ...OPTIONS, module: ts.ModuleKind.ESNext };
  const first = transpiled(source, { fileName, compilerOptions, reportDiagnostics: true });
  if (first.error) return first;
  const second = inSystem(first.text, `${fileName}.js`, syntax);
  const origin: Origin = (line, column) => {
    const place = second.origin(line, column);
    return place && first.origin(place.line, place.column);
  };
  return { ...second, origin };
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

/** `export = value`, which the System format lacks, exports a value of the name WHOLE. The loader makes the module of it. */
const withWhole: ts.TransformerFactory<ts.SourceFile> = () => (source) =>
  f.updateSourceFile(
    source,
    source.statements.flatMap((node) => {
      if (!ts.isExportAssignment(node) || !node.isExportEquals) return [node];
      const name = f.createIdentifier("export_equals");
      const variable = f.createVariableDeclaration(name, undefined, undefined, node.expression);
      const exported = f.createExportSpecifier(false, name, f.createStringLiteral(WHOLE));
      return [
        f.createVariableStatement(undefined, f.createVariableDeclarationList([variable], ts.NodeFlags.Const)),
        f.createExportDeclaration(undefined, false, f.createNamedExports([exported])),
      ];
    }),
  );

const isAmbient = (node: ts.VariableStatement) =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
