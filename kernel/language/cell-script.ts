import type { SourceMapPayload } from "node:module";
import type ts from "typescript";
import { Edits, type Part } from "./edits";
import { CodeEdits } from "./emit-code";
import { globalName } from "./globals";
import type { JavaScript } from "./javascript";
import { RUNTIME } from "./language";

/** The names that matter to the compilation of a cell. */
export interface CellNames {
  /** The names that the cell declares. */
  declared: ReadonlySet<string>;
  /** Imported names that are types only. */
  types: ReadonlySet<string>;
  /** Names of the session that are also Node's. */
  nodes: ReadonlySet<string>;
}

/** The script of a cell: one async function with the cell's statements. Functions and imports come first, as in a module. */
export class CellScript {
  readonly edits: Edits;
  /** The edits inside of statements. */
  readonly code: CodeEdits;
  private readonly functions: Part[] = [];
  private readonly imports: Part[] = [];
  /** The statements that do not stay in their place. */
  private readonly moved: Part[] = [];
  private readonly hoisted = new Set<string>();
  private readonly later = new Set<string>();

  constructor(
    private readonly cell: JavaScript,
    readonly names: CellNames,
  ) {
    this.edits = new Edits(cell.text);
    this.code = new CodeEdits(cell.tree, this.edits, names.nodes);
  }

  /** Returns the global for a name that the cell declares. */
  globalOf(name: ts.Identifier | undefined): string {
    if (!name) return "default_1";
    return this.names.nodes.has(name.text) ? globalName(name.text) : name.text;
  }

  startOf(node: ts.Node): number {
    return node.getStart(this.cell.tree);
  }

  /** Leaves a statement out. */
  drop(statement: ts.Statement): void {
    this.moved.push([this.startOf(statement), statement.end]);
  }

  /** Moves a function to the beginning, where its name gets its value. */
  moveFunction(statement: ts.Statement, name: string): void {
    this.drop(statement);
    this.functions.push([this.startOf(statement), statement.end]);
    this.hoist([name]);
  }

  /** Moves an import behind the functions. The names have their values when it has run. */
  moveImport(statement: ts.Statement, names: readonly string[]): void {
    this.drop(statement);
    this.imports.push([this.startOf(statement), statement.end]);
    for (const name of names) this.later.add(name);
  }

  /** Declares names that exist from the beginning. */
  hoist(names: readonly string[]): void {
    for (const name of names) this.hoisted.add(name);
  }

  /** Records at a position that the cell has given names their values: they exist from there on, even if the cell throws later. */
  reach(position: number, names: readonly string[]): void {
    for (const name of names) this.later.add(name);
    const reached = names.map((name) => JSON.stringify(name)).join(", ");
    this.edits.insertAfter(position, `;${RUNTIME}.reached(${reached});`);
  }

  /** @param file the name of the cell in the source map */
  print(file: string): { code: string; map: SourceMapPayload } {
    return this.edits.print(this.parts(), file, this.cell.origin);
  }

  /** Returns the parts of the script in their order. */
  private parts(): (Part | string)[] {
    const begin = `if (${RUNTIME}.begin(${list(this.hoisted)}, ${list(this.later)})) await undefined;`;
    const parts: (Part | string)[] = [`(async function () {\n"use strict"; ${begin}\n`];
    for (const part of [...this.functions, ...this.imports]) parts.push(part, "\n");
    let position = 0;
    for (const [start, end] of this.moved.sort(([a], [b]) => a - b)) {
      // The semicolon keeps the statements before and after apart.
      parts.push([position, start], ";");
      position = end;
    }
    parts.push([position, this.edits.text.length], "\n})();\n");
    return parts;
  }
}

const list = (names: Iterable<string>) => JSON.stringify([...names]);
