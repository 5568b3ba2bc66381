import ts from "typescript";
import type { Diagnostic, FileWarning } from "./language";

/** Errors that apply to modules but not to cells, whose names later cells use. */
const NOT_FOR_CELLS = new Set([
  7016, // a package without types
  7005, // `let x;` that a later cell gives its value
  7034,
]);

/** Returns the problems of a cell, with positions in its own lines. */
export function readable(found: readonly ts.Diagnostic[], code: string): Diagnostic[] {
  const lines = code.split(/\r?\n/);
  return found
    .filter((one) => one.category === ts.DiagnosticCategory.Error && !NOT_FOR_CELLS.has(one.code))
    .filter(({ start }) => start === undefined || start <= code.length)
    .map((one) => {
      const { line, character } = one.file
        ? ts.getLineAndCharacterOfPosition(one.file, one.start ?? 0)
        : { line: 0, character: 0 };
      const source = lines[line] ?? "";
      return {
        line: line + 1,
        column: character + 1,
        length: Math.max(1, Math.min(one.length ?? 1, source.length - character)),
        code: one.code,
        message: wording(one),
        source,
      };
    });
}

/** A line that is a command of the shell or of IPython, as in `!ls -la` and `%timeit f()`. */
const COMMAND = /^[!%]{1,2}[a-z]\w*(?=$|\s+["'\w./~-]).*$/m;

/** Returns a line with a command of the shell or of IPython, which Jupyter's users know from Python's cells. */
export const commandIn = (code: string): { start: number; text: string } | undefined => {
  const found = COMMAND.exec(code);
  return found ? { start: found.index, text: found[0] } : undefined;
};

/** Rewords the errors of a cell that contains a command of the shell or of IPython. Other errors stay as they are. */
export function withoutCommands(
  found: readonly ts.Diagnostic[],
  file: ts.SourceFile,
): readonly ts.Diagnostic[] {
  const command = found.length ? commandIn(file.text) : undefined;
  if (!command) return found;
  const { start, text } = command;
  const inLine = found.some(
    (one) => one.start !== undefined && one.start >= start && one.start <= start + text.length,
  );
  if (!inLine) return found;
  const messageText = text.startsWith("!")
    ? `There are no shell commands in TypeScript cells: import { execSync } from "node:child_process" and call execSync(${JSON.stringify(text.replace(/^!+/, ""))}, { stdio: "inherit" }).`
    : "There are no magic commands in TypeScript cells: they belong to IPython.";
  return [
    { file, start, length: text.length, messageText, code: 1109, category: ts.DiagnosticCategory.Error },
  ];
}

/** Returns the syntax errors of a text. Markup, which TypeScript reads as comparisons, gets one error that says so. */
export function syntaxErrors(source: ts.SourceFile): readonly ts.Diagnostic[] {
  if (!source.parseDiagnostics.length) return [];
  const file = ts.createSourceFile("cell.tsx", source.text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TSX);
  const element = file.parseDiagnostics.length ? undefined : firstElement(file);
  if (!element) return source.parseDiagnostics;
  const messageText =
    'JSX needs { "compilerOptions": { "jsx": "react-jsx" } } in tsconfig.json. HTML is a text, as in display({ "text/html": "<b>...</b>", "text/plain": "..." }).';
  const [start, length] = [element.getStart(), element.getWidth()];
  return [{ file, start, length, messageText, code: 17004, category: ts.DiagnosticCategory.Error }];
}

const firstElement = (node: ts.Node): ts.Node | undefined =>
  ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)
    ? node
    : ts.forEachChild(node, firstElement);

/** Rewords a message for authors of notebooks, who do not see earlier cells as modules or their names as imports. */
function wording(one: ts.Diagnostic): string {
  const text = ts
    .flattenDiagnosticMessageText(one.messageText, "\n")
    .replace(/\bimport\("[^"]*\/__cell__"\)\.([\w$.]+)/g, "$1 of this cell")
    .replace(/\bimport\("[^"]*\/__cell_-?(\d+)__"\)\.([\w$.]+)/g, "$2 of cell $1");
  return one.code === 2632 ? text.replace("it is an import", "it is a constant of an earlier cell") : text;
}

/** The parts of `CellHost` that the checks of modules use. */
interface ProgramHost {
  service: ts.LanguageService;
  getScriptVersion(file: string): string;
}

/** Checks the types of modules that cells import, when they or the files that they import are new or edited. */
export class ModuleChecks {
  private readonly checked = new Set<string>();

  /**
   * Returns the problems in modules that the current cell imports. The cell still runs, because compiling a module
   * needs no types.
   */
  changed({ service, getScriptVersion }: ProgramHost): FileWarning[] {
    const program = service.getProgram()!;
    const files = program.getSourceFiles().filter((file) => isModule(file, program));
    const state = files.map(({ fileName }) => `${fileName} ${getScriptVersion(fileName)}`).join("\n");
    if (this.checked.has(state)) return [];
    this.checked.add(state);
    return files.flatMap((source) => {
      const { fileName: file, text } = source;
      const diagnostics = readable(program.getSemanticDiagnostics(source), text);
      const known = `${file} ${getScriptVersion(file)} ${JSON.stringify(diagnostics)}`;
      if (diagnostics.length === 0 || this.checked.has(known)) return [];
      this.checked.add(known);
      return [{ file, diagnostics }];
    });
  }
}

const isModule = (file: ts.SourceFile, program: ts.Program) =>
  /\.[cm]?tsx?$/.test(file.fileName) &&
  !file.isDeclarationFile &&
  !/[\\/]__cell__\.tsx?$/.test(file.fileName) &&
  !program.isSourceFileFromExternalLibrary(file);
