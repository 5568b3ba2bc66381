import { SourceMap, type SourceMapPayload } from "node:module";
import ts from "typescript";
import { blankSourceFile } from "#ts-blank-space";
import { type Origin, originOf } from "./mapped-printer";

/** A text as JavaScript of Node's oldest version. */
export interface JavaScript {
  text: string;
  /** The syntax tree, whose positions are those of the text. Parts that are types only are blank in the text. */
  tree: ts.SourceFile;
  /** Leads from the text to its source; undefined if positions are the same. */
  origin: Origin | undefined;
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Preserve,
  moduleDetection: ts.ModuleDetectionKind.Force,
  verbatimModuleSyntax: true,
};

/**
 * Turns TypeScript into JavaScript. Types become spaces, which is quick and keeps all positions. A text with other syntax that Node lacks,
 * such as enums, decorators and `using`, is compiled by TypeScript.
 *
 * @param syntax options that say what syntax becomes
 */
export function javascript(tree: ts.SourceFile, syntax: ts.CompilerOptions = {}): JavaScript {
  let isErasable = !(mayNeedCompiler(tree) && needsCompiler(tree));
  const text = isErasable
    ? blankSourceFile(tree, () => {
        isErasable = false;
      })
    : "";
  return isErasable ? { text, tree, origin: undefined } : compiled(tree, syntax);
}

/** Whether a text contains the words of such syntax. A long table of data is not searched node by node. */
const mayNeedCompiler = ({ text, languageVariant }: ts.SourceFile): boolean =>
  languageVariant === ts.LanguageVariant.JSX || /@|\b(accessor|using)\b/.test(text);

/** Whether a text contains syntax of newer versions of JavaScript. */
function needsCompiler(node: ts.Node): boolean {
  const isNew =
    node.kind === ts.SyntaxKind.Decorator ||
    node.kind === ts.SyntaxKind.AccessorKeyword ||
    ts.isJsxOpeningLikeElement(node) ||
    ts.isJsxFragment(node) ||
    (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0);
  return isNew || (ts.forEachChild(node, needsCompiler) ?? false);
}

function compiled({ text: source, fileName }: ts.SourceFile, syntax: ts.CompilerOptions): JavaScript {
  const { text, origin } = transpiled(source, { fileName, compilerOptions: { ...syntax, ...OPTIONS } });
  const tree = ts.createSourceFile("cell.js", text, ts.ScriptTarget.ES2022);
  return { text, tree, origin };
}

/** Compiles a text by TypeScript, without checking its types. @returns also the first syntax error, if the options ask for diagnostics */
export function transpiled(
  source: string,
  options: ts.TranspileOptions,
): { text: string; origin: Origin; error: ts.Diagnostic | undefined } {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(source, {
    ...options,
    compilerOptions: { ...options.compilerOptions, sourceMap: true },
  });
  return {
    text: outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""),
    origin: originOf(new SourceMap(JSON.parse(sourceMapText!) as SourceMapPayload)),
    error: diagnostics?.find(({ category }) => category === ts.DiagnosticCategory.Error),
  };
}
