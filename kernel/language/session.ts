import * as ts from "typescript";
import { complete } from "./complete";
import { type Declared, declarations, parse, parseCell, withoutShebang } from "./declarations";
import { ModuleChecks, readable, syntaxErrors, withoutCommands } from "./diagnostics";
import { emitCell } from "./emit-cell";
import { emitExpression } from "./emit-expression";
import { emitModule } from "./emit-module";
import { CellHost } from "./host";
import { Importable } from "./imports";
import { helpQuery, inspect } from "./inspect";
import { isComplete } from "./is-complete";
import type { Cell, CompiledCell, CompiledModule, Completeness, Completions, Rejected } from "./language";
import { globalName, isNodes } from "./rename";

interface Known extends Declared {
  /** The number of the cell that declared it last. */
  cell: number;
}

interface Pending {
  declared: Declared[];
  /** The declarations as the text of a module. */
  text: string;
  /** Whether it changes types that it does not own. Later cells then see it without naming it. */
  ambient: boolean;
  /** The declarations that its names had before `preview`. */
  before?: Map<string, Known | undefined>;
}

/**
 * The cells of one session. TypeScript sees each cell as a module. A cell's declarations are kept in the form that
 * TypeScript writes for a library, and a later cell imports the names that it uses. The cost of a cell therefore
 * depends on what it uses, not on what was run before, and redeclaring a name leaves the types of earlier cells
 * unchanged.
 */
export class Session {
  readonly host: CellHost;
  private readonly names = new Map<string, Known>();
  private readonly pending = new Map<number, Pending>();
  private readonly ambient: number[] = [];
  private readonly modules = new ModuleChecks();
  private readonly importable = new Importable();

  constructor(folder: string) {
    this.host = new CellHost(folder);
  }

  /** Checks and compiles a cell. `finish` prepares the next cell and is not awaited by this one. */
  compile({ code, number, file }: Cell): { result: CompiledCell | Rejected; finish: () => void } {
    const query = helpQuery(code);
    if (query) return { result: this.help(query, file), finish: () => {} };
    this.host.refresh();
    const parsed = parseCell(withoutShebang(code));
    const found = this.errorsIn(parsed);
    const imports = this.importable.missing(found);
    // Appended to the cell, so that its lines and columns stay.
    const whole = imports.length ? parse(`${parsed.text}\n;${imports.join(" ")}`) : parsed;
    return this.emit(whole, imports.length ? this.errorsIn(whole) : found, { code, number, file }, imports);
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
    const emitted = emitCell(text, file, types, nodes);
    // Debuggers know a cell by its text as it was sent.
    const map = { ...emitted.map, sourcesContent: [code] };
    const result = { code: emitted.code, map, file, names, warnings, imports };
    const finish = () => {
      // This must happen before another cell becomes the current one.
      const [output] = service.getEmitOutput(cell, true, true).outputFiles;
      this.pending.set(number, { declared, text: output?.text ?? "", ambient: isAmbient(source) });
    };
    return { result, finish };
  }

  /** Makes the names of a cell known while it runs, for the cells of subshells. */
  preview(number: number): void {
    const cell = this.pending.get(number);
    if (!cell || cell.before) return;
    cell.before = new Map(cell.declared.map(({ name }) => [name, this.names.get(name)]));
    this.declare(number, cell, []);
  }

  /** @param lost names that a cell did not reach before it threw; they keep their old declarations */
  commit(number: number, lost: readonly string[]): void {
    const cell = this.pending.get(number);
    if (!cell) return;
    this.pending.delete(number);
    for (const [name, before] of cell.before ?? [])
      if (before) this.names.set(name, before);
      else this.names.delete(name);
    this.declare(number, cell, lost);
    if (cell.ambient) this.ambient.push(number);
  }

  private declare(number: number, { declared, text }: Pending, lost: readonly string[]): void {
    this.host.write(this.host.declarationsOf(number), text.replace(PRIVATE, ""));
    for (const one of declared)
      if (!lost.includes(globalName(one.name))) this.names.set(one.name, { ...one, cell: number });
  }

  /** Declares a global variable that no cell has declared. */
  adopt(name: string): void {
    if (!this.names.has(name))
      this.names.set(name, { name, assignable: true, exported: false, open: true, cell: 0 });
  }

  /** Compiles an expression of a debugger. @throws SyntaxError */
  compileExpression(text: string): string {
    const ofRunning = [...this.pending.values()].flatMap(({ declared }) => declared.map(({ name }) => name));
    const isOurs = (name: string) => this.names.has(name) || ofRunning.includes(name);
    const names = [...parse(text).identifiers.keys()].filter((name) => isNodes(name) && isOurs(name));
    return emitExpression(text, new Set(names));
  }

  compileModule(file: string): CompiledModule {
    return emitModule(file);
  }

  complete(code: string, cursor: number): Completions {
    return complete(this.host, code, cursor, this.look(code, this.names.keys()), this.importable);
  }

  inspect(code: string, cursor: number, detail: 0 | 1): Record<string, string> | undefined {
    const parsed = parse(code);
    const own = new Map(declarations(parsed).map(({ name, from }) => [name, from]));
    const importOf = (name: string) => (own.has(name) ? own.get(name) : this.names.get(name)?.from);
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
    return helpQuery(code) ? { status: "complete" } : isComplete(code);
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
    const tail = `${this.earlier(source.identifiers.keys(), declared)} export { ${exports.join(", ")} };`;
    this.host.write(this.host.cell, `${source.text}\n;${tail}`);
  }

  /**
   * Does the same for an unfinished text, in which an open bracket would swallow what follows. @returns where it starts
   */
  private look(code: string, mentioned: Iterable<string>): number {
    const before = `${this.earlier(mentioned, declarations(parse(code)))} export {};\n`;
    this.host.write(this.host.cell, before + code);
    return before.length;
  }

  /** Imports the mentioned names of earlier cells that the cell does not declare itself. */
  private earlier(mentioned: Iterable<string>, declared: Declared[]): string {
    const own = new Set(declared.map(({ name }) => name));
    const used = [...mentioned].filter((name) => this.names.has(name) && !own.has(name));
    return [
      ...used.map((name) => this.importOf(this.names.get(name)!)),
      ...this.ambient.map((number) => `import "./__cell_${number}__";`),
    ].join(" ");
  }

  private importOf({ name, assignable, open, cell }: Known): string {
    const module = `"./__cell_${cell}__"`;
    if (!assignable) return `import { ${name} } from ${module};`;
    return `declare let ${name}: ${open ? "any" : `typeof import(${module}).${name}`};`;
  }
}

/**
 * Private members in the declarations of a class. They are left out, because they would make the class differ from the
 * same class of an earlier run, for which functions of earlier cells were declared.
 */
const PRIVATE = /^\s*(#private|private (?!constructor\b)[^\n]*);\n/gm;

const NO_MAP = {
  file: "",
  version: 3,
  sources: [],
  sourcesContent: [],
  names: [],
  mappings: "",
  sourceRoot: "",
};

const isAmbient = (source: ts.SourceFile) =>
  source.statements.some(
    (node) =>
      ts.isModuleDeclaration(node) &&
      (node.flags & ts.NodeFlags.GlobalAugmentation || ts.isStringLiteral(node.name)),
  );

/** Returns the names that an import brings in as types only, which do not exist at run time. */
function typeOnlyImports(source: ts.SourceFile, checker: ts.TypeChecker): Set<string> {
  const found = new Set<string>();
  const look = (name: ts.Identifier) => {
    const symbol = checker.getSymbolAtLocation(name);
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Alias)) return;
    const target = checker.getAliasedSymbol(symbol);
    const unknown = target.flags === ts.SymbolFlags.None || target.escapedName === "unknown";
    if (!unknown && !(target.flags & ts.SymbolFlags.Value)) found.add(name.text);
  };
  for (const node of source.statements) {
    if (!ts.isImportDeclaration(node) || !node.importClause) continue;
    const { name, namedBindings } = node.importClause;
    if (name) look(name);
    if (namedBindings && ts.isNamedImports(namedBindings))
      for (const { name } of namedBindings.elements) look(name);
  }
  return found;
}
