import ts from "typescript";
import type { Match } from "./language";

/** A module's exports by name, with their kinds. */
type Exports = ReadonlyMap<string, string>;

/** An export of one of Node's modules. */
interface OfNode {
  specifier: string;
  type: string;
}

/**
 * The names that an import would bring: exports of the modules that cells have imported so far, and of Node's own. When a cell uses such a
 * name after it was offered at the prompt, the import is added to the cell.
 */
export class Importable {
  private readonly modules = new Map<string, Exports>();
  private builtins: ReadonlyMap<string, OfNode> | undefined;
  /** The import of each name that was offered. */
  private readonly offered = new Map<string, string>();

  /** Remembers what the modules that a cell imports export. */
  remember(source: ts.SourceFile, checker: ts.TypeChecker): void {
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const specifier = statement.moduleSpecifier;
      const symbol = /\/__cell_-?\d+__$/.test(specifier.text)
        ? undefined
        : checker.getSymbolAtLocation(specifier);
      if (symbol) this.modules.set(specifier.text, exportsOf(symbol, checker));
    }
  }

  /** Returns the names that begin with the typed text. @param known completions that need no import */
  offer(typed: string, known: readonly ts.CompletionEntry[], program: ts.Program): Match[] {
    const present = new Set(known.map(({ name }) => name));
    const found = new Map<string, Match>();
    const add = (specifier: string, name: string, type: string) => {
      const isWanted = name.toLowerCase().startsWith(typed.toLowerCase()) && !name.startsWith("_");
      if (!isWanted || present.has(name) || found.has(name)) return;
      found.set(name, { name, type });
      this.offered.set(name, `import { ${name} } from ${JSON.stringify(specifier)};`);
    };
    for (const [specifier, exports] of this.modules)
      for (const [name, type] of exports) add(specifier, name, type);
    this.builtins ??= exportsOfNode(program.getTypeChecker());
    for (const [name, { specifier, type }] of this.builtins) add(specifier, name, type);
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Returns the imports that were offered of the names that a cell lacks. */
  missing(diagnostics: readonly ts.Diagnostic[]): string[] {
    const names = diagnostics
      .filter(({ code }) => NOT_FOUND.has(code))
      .map(({ file, start = 0, length = 0 }) => file?.text.slice(start, start + length) ?? "");
    return [...new Set(names)].flatMap((name) => this.offered.get(name) ?? []);
  }
}

/** TypeScript's errors about a name that does not exist. */
const NOT_FOUND = new Set([2304, 2503, 2552]);

/** Returns the exports of Node's modules, without names that several modules export, and without parts such as `fs/promises`. */
function exportsOfNode(checker: ts.TypeChecker): Map<string, OfNode> {
  const found = new Map<string, OfNode>();
  const shared = new Set<string>();
  for (const symbol of checker.getAmbientModules()) {
    const [, specifier] = /^"(node:\w+)"$/.exec(symbol.name) ?? [];
    if (!specifier) continue;
    for (const [name, type] of exportsOf(symbol, checker)) {
      if (found.has(name)) shared.add(name);
      found.set(name, { specifier, type });
    }
  }
  for (const name of shared) found.delete(name);
  return found;
}

function exportsOf(module: ts.Symbol, checker: ts.TypeChecker): Exports {
  // `export = path` exports the members of a value.
  const whole = module.exports?.get(ts.InternalSymbolName.ExportEquals);
  const all = whole ? checker.getTypeOfSymbol(whole).getProperties() : checker.getExportsOfModule(module);
  const exports = all.filter(({ name }) => name !== "default");
  return new Map(exports.map((one) => [one.name, kindOf(one, checker)]));
}

/** Returns the kind of an export in the words that JupyterLab has icons for. */
function kindOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (flags & ts.SymbolFlags.Function) return "function";
  if (flags & ts.SymbolFlags.Class) return "class";
  if (flags & ts.SymbolFlags.Variable) return "constant";
  if (flags & ts.SymbolFlags.Enum) return "enum";
  if (flags & ts.SymbolFlags.Interface) return "interface";
  return flags & ts.SymbolFlags.TypeAlias ? "type" : "module";
}

/** Returns the names that an import brings in as types only, which do not exist at run time. */
export function typeOnlyImports(source: ts.SourceFile, checker: ts.TypeChecker): Set<string> {
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
