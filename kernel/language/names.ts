import ts from "typescript";
import type { Declared } from "./declarations";
import { globalName } from "./globals";

interface Known extends Declared {
  /** The number of the cell that declared it last. */
  cell: number;
}

/** The declarations of a cell. */
interface Declarations {
  declared: Declared[];
  /** The declarations as the text of a module. */
  text: string;
  /** Whether it changes types that it does not own. Later cells then see it without naming it. */
  ambient: boolean;
}

/** A cell that runs. */
interface Pending extends Declarations {
  /** The declarations that its names had before `preview`. */
  before?: Map<string, Known | undefined>;
}

/** The names that cells have declared, each with the module in which TypeScript finds its declaration. */
export class Names {
  private readonly known = new Map<string, Known>();
  private readonly pending = new Map<number, Pending>();
  private readonly ambient: number[] = [];

  /** @param write writes the declarations of a cell as the text of its module */
  constructor(private readonly write: (cell: number, text: string) => void) {}

  /** Whether a cell that has run declares the name. */
  has(name: string): boolean {
    return this.known.has(name);
  }

  /** Whether a cell that has run or is running declares the name. */
  isDeclared(name: string): boolean {
    const isOf = ({ declared }: Pending) => declared.some((one) => one.name === name);
    return this.has(name) || [...this.pending.values()].some(isOf);
  }

  keys(): Iterable<string> {
    return this.known.keys();
  }

  /** Returns the import that brought a name, if one did. */
  importOf(name: string): string | undefined {
    return this.known.get(name)?.from;
  }

  /** Keeps what a cell declares until it has run. */
  add(cell: number, declarations: Declarations): void {
    this.pending.set(cell, declarations);
  }

  /** Makes the names of a cell known while it runs, for the cells of subshells. */
  preview(number: number): void {
    const cell = this.pending.get(number);
    if (!cell || cell.before) return;
    cell.before = new Map(cell.declared.map(({ name }) => [name, this.known.get(name)]));
    this.declare(number, cell, []);
  }

  /**
   * Makes the names of a cell known after it has run.
   *
   * @param lost names that the cell did not reach before it threw; they keep their old declarations
   */
  commit(number: number, lost: readonly string[]): void {
    const cell = this.pending.get(number);
    if (!cell) return;
    this.pending.delete(number);
    for (const [name, before] of cell.before ?? [])
      if (before) this.known.set(name, before);
      else this.known.delete(name);
    this.declare(number, cell, lost);
    if (cell.ambient) this.ambient.push(number);
  }

  /** Declares a global variable that no cell has declared. */
  adopt(name: string): void {
    if (!this.has(name))
      this.known.set(name, { name, assignable: true, exported: false, open: true, cell: 0 });
  }

  /** Returns the statements that bring the mentioned names of earlier cells into a cell that does not declare them itself. */
  bring(mentioned: Iterable<string>, declared: readonly Declared[]): string {
    const own = new Set(declared.map(({ name }) => name));
    const used = [...mentioned].filter((name) => this.has(name) && !own.has(name));
    return [
      ...used.map((name) => broughtBy(this.known.get(name)!)),
      ...this.ambient.map((number) => `import "./__cell_${number}__";`),
    ].join(" ");
  }

  private declare(number: number, { declared, text }: Declarations, lost: readonly string[]): void {
    this.write(number, text.replace(PRIVATE, ""));
    for (const one of declared)
      if (!lost.includes(globalName(one.name))) this.known.set(one.name, { ...one, cell: number });
  }
}

function broughtBy({ name, assignable, open, cell }: Known): string {
  const module = `"./__cell_${cell}__"`;
  if (!assignable) return `import { ${name} } from ${module};`;
  return `declare let ${name}: ${open ? "any" : `typeof import(${module}).${name}`};`;
}

/** Whether a cell changes types that it does not own. */
export const isAmbient = (source: ts.SourceFile) =>
  source.statements.some(
    (node) =>
      ts.isModuleDeclaration(node) &&
      (node.flags & ts.NodeFlags.GlobalAugmentation || ts.isStringLiteral(node.name)),
  );

/**
 * Private members in the declarations of a class. They are left out, because they would make the class differ from the
 * same class of an earlier run, for which functions of earlier cells were declared.
 */
const PRIVATE = /^\s*(#private|private (?!constructor\b)[^\n]*);\n/gm;
