import type ts from "typescript";
import { complete } from "./complete";
import { declarations, parse, parseCell, withoutShebang } from "./declarations";
import { ModuleChecks, readable, syntaxErrors, withoutCommands } from "./diagnostics";
import { emitCell } from "./emit-cell";
import { emitExpression } from "./emit-expression";
import { emitModule } from "./emit-module";
import { isNodes } from "./globals";
import { CellHost } from "./host";
import { Importable, typeOnlyImports } from "./imports";
import { helpQuery, inspect } from "./inspect";
import { isComplete } from "./is-complete";
import type { Cell, CompiledCell, CompiledModule, Completeness, Completions, Rejected } from "./language";
import { isAmbient, Names } from "./names";

/**
 * The cells of one session. TypeScript sees each cell as a module. A cell's declarations are kept in the form that
 * TypeScript writes for a library, and a later cell imports the names that it uses. The cost of a cell therefore
 * depends on what it uses, not on what was run before, and redeclaring a name leaves the types of earlier cells
 * unchanged.
 */
export class Session {
  readonly host: CellHost;
  readonly names: Names;
  private readonly modules = new ModuleChecks();
  private readonly importable = new Importable();

  constructor(folder: string) {
    this.host = new CellHost(folder);
    this.names = new Names((cell, text) => this.host.write(this.host.declarationsOf(cell), text));
  }

  /** Checks and compiles a cell. `finish` prepares the next cell and is not awaited by this one. */
  compile(cell: Cell): { result: CompiledCell | Rejected; finish: () => void } {
    const query = helpQuery(cell.code);
    if (query) return { result: this.help(query, cell.file), finish: () => {} };
    this.host.refresh();
    const parsed = parseCell(withoutShebang(cell.code), this.host.isJsx);
    const found = this.errorsIn(parsed);
    const imports = this.importable.missing(found);
    if (!imports.length) return this.emit(parsed, found, cell, imports);
    // Appended to the cell, so that its lines and columns stay.
    const whole = parse(`${parsed.text}\n;${imports.join(" ")}`, this.host.isJsx);
    return this.emit(whole, this.errorsIn(whole), cell, imports);
  }

  /** Makes a cell the current one. @returns the errors of its syntax, or else of its types */
  private errorsIn(parsed: ts.SourceFile): readonly ts.Diagnostic[] {
    this.open(parsed);
    const syntax = syntaxErrors(parsed);
    // Uses the program's diagnostics: those of the service include faults in a library's declarations, which do not
    // matter to a cell.
    return syntax.length
      ? syntax
      : this.host.service.getProgram()!.getSemanticDiagnostics(this.host.source());
  }

  /** Compiles the current cell. @param imports the imports that were added to it */
  private emit(
    parsed: ts.SourceFile,
    found: readonly ts.Diagnostic[],
    { code, number, file }: Cell,
    imports: string[],
  ): { result: CompiledCell | Rejected; finish: () => void } {
    const { text } = parsed;
    const { service, cell } = this.host;
    const [program, source] = [service.getProgram()!, this.host.source()];
    const diagnostics = readable(withoutCommands(found, parsed), text);
    if (diagnostics.length) return { result: { diagnostics }, finish: () => {} };
    this.importable.remember(source, program.getTypeChecker());
    const types = typeOnlyImports(source, program.getTypeChecker());
    const declared = declarations(parsed);
    const names = declared.map(({ name }) => name);
    const isOurs = (name: string) => (names.includes(name) || this.names.has(name)) && !types.has(name);
    const nodes = new Set([...parsed.identifiers.keys()].filter((name) => isNodes(name) && isOurs(name)));
    const warnings = [...this.host.warnings.splice(0), ...this.modules.changed(this.host)];
    const emitted = emitCell(parsed, file, { declared: new Set(names), types, nodes }, this.host.syntax);
    // Debuggers know a cell by its text as it was sent.
    const map = { ...emitted.map, sourcesContent: [code] };
    const result = { code: emitted.code, map, file, names, warnings, imports };
    const finish = () => {
      // This must happen before another cell becomes the current one.
      const [output] = service.getEmitOutput(cell, true, true).outputFiles;
      this.names.add(number, { declared, text: output?.text ?? "", ambient: isAmbient(source) });
    };
    return { result, finish };
  }

  preview(number: number): void {
    this.names.preview(number);
  }

  commit(number: number, lost: readonly string[]): void {
    this.names.commit(number, lost);
  }

  adopt(name: string): void {
    this.names.adopt(name);
  }

  /** Compiles an expression of a debugger. @throws SyntaxError */
  compileExpression(text: string): string {
    const mentioned = [...parse(text).identifiers.keys()];
    const names = mentioned.filter((name) => isNodes(name) && this.names.isDeclared(name));
    return emitExpression(text, new Set(names));
  }

  compileModule(file: string): CompiledModule {
    return emitModule(file, this.host.syntax);
  }

  complete(code: string, cursor: number): Completions {
    return complete(this.host, code, cursor, this.look(code, this.names.keys()), this.importable);
  }

  inspect(code: string, cursor: number, detail: 0 | 1): Record<string, string> | undefined {
    const parsed = parse(code, this.host.isJsx);
    const own = new Map(declarations(parsed).map(({ name, from }) => [name, from]));
    const importOf = (name: string) => (own.has(name) ? own.get(name) : this.names.importOf(name));
    return inspect(this.host, code, cursor, detail, this.look(code, parsed.identifiers.keys()), importOf);
  }

  /** A cell whose value draws itself as the documentation that was asked for. */
  private help({ name, detail }: { name: string; detail: 0 | 1 }, file: string): CompiledCell {
    const bundle = this.inspect(name, name.length, detail) ?? {
      "text/plain": `Nothing is known of ${name}.`,
    };
    const code = `Promise.resolve({ value: { [Symbol.for("Jupyter.display")]: () => (${JSON.stringify(bundle)}) } })`;
    return { code, map: NO_MAP, file, names: [], warnings: [], imports: [] };
  }

  isComplete(code: string): Completeness {
    return helpQuery(code) ? { status: "complete" } : isComplete(code, this.host.isJsx);
  }

  /** Reads TypeScript's own files before the first cell does. */
  warmUp(): void {
    this.compile({ code: "console.log(0)", number: -1, file: "" });
  }

  resolveModule(specifier: string, from: string): string | undefined {
    return this.host.userFile(specifier, from);
  }

  /** Makes a text the current cell, with the names of earlier cells that it mentions. */
  private open(source: ts.SourceFile): void {
    const declared = declarations(source);
    const exports = declared.filter(({ exported }) => !exported).map(({ name }) => name);
    // Appended after the cell, so that its lines and columns stay.
    const tail = `${this.names.bring(source.identifiers.keys(), declared)} export { ${exports.join(", ")} };`;
    this.host.write(this.host.cell, `${source.text}\n;${tail}`);
  }

  /**
   * Does the same for an unfinished text, in which an open bracket would swallow what follows. @returns where it starts
   */
  private look(code: string, mentioned: Iterable<string>): number {
    const before = `${this.names.bring(mentioned, declarations(parse(code, this.host.isJsx)))} export {};\n`;
    this.host.write(this.host.cell, before + code);
    return before.length;
  }
}

const NO_MAP = {
  file: "",
  version: 3,
  sources: [],
  sourcesContent: [],
  names: [],
  mappings: "",
  sourceRoot: "",
};
