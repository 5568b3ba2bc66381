import type { SourceMapPayload } from "node:module";
import ts from "typescript";
import { boundNames, forEachNestedVar, isVarList } from "./declarations";
import { Edits, type Part } from "./edits";
import { CodeEdits } from "./emit-code";
import { javascript } from "./javascript";
import { RUNTIME } from "./language";
import { globalName } from "./rename";

/** The names that matter to the compilation of a cell. */
export interface CellNames {
  /** The names that the cell declares. */
  declared: ReadonlySet<string>;
  /** Imported names that are types only. */
  types: ReadonlySet<string>;
  /** Names of the session that are also Node's. */
  nodes: ReadonlySet<string>;
}

/**
 * A cell as a script: one async function, in which top-level declarations are assignments to global names. Functions and imports
 * come first, as in a module.
 *
 * @param syntax options that say what syntax becomes
 */
export function emitCell(
  source: ts.SourceFile,
  file: string,
  names: CellNames,
  syntax: ts.CompilerOptions,
): { code: string; map: SourceMapPayload } {
  const { text, tree, origin } = javascript(source, syntax);
  const script = new CellScript(text, tree, names, filledNames(source));
  const statements = tree.statements.filter((one) => script.isCode(one));
  const last = statements.findLast((one) => !ts.isImportDeclaration(one));
  // TypeScript puts a cell with `using` into a `try` as a whole.
  const end =
    last && ts.isTryStatement(last) && source.statements.some(isUsing)
      ? last.tryBlock.statements.at(-1)
      : last;
  for (const statement of statements) script.add(statement, statement === last ? end : undefined);
  return script.edits.print(script.parts(), file, origin);
}

const isUsing = (node: ts.Statement) =>
  ts.isVariableStatement(node) && (node.declarationList.flags & ts.NodeFlags.Using) !== 0;

/** Returns the names of enums and namespaces. TypeScript declares a variable for each, which later statements fill in. */
const filledNames = ({ statements }: ts.SourceFile) =>
  new Set(
    statements.flatMap((one) =>
      ts.isEnumDeclaration(one) || ts.isModuleDeclaration(one) ? one.name.text : [],
    ),
  );

/** The script of a cell, as edits of the cell's JavaScript. */
class CellScript {
  readonly edits: Edits;
  private readonly code: CodeEdits;
  private readonly functions: Part[] = [];
  private readonly imports: Part[] = [];
  /** The statements that do not stay in their place. */
  private readonly moved: Part[] = [];
  private readonly hoisted: string[] = [];
  private readonly later: string[] = [];

  constructor(
    text: string,
    private readonly tree: ts.SourceFile,
    private readonly names: CellNames,
    private readonly filled: ReadonlySet<string>,
  ) {
    this.edits = new Edits(text);
    this.code = new CodeEdits(tree, this.edits, names.nodes);
  }

  /** Whether a statement is more than types, or names of exports: later cells can use all declarations, exported or not. */
  isCode(statement: ts.Statement): boolean {
    const range = this.rangeOf(statement);
    const isExports = ts.isExportDeclaration(statement) && !statement.moduleSpecifier;
    if (isExports) this.moved.push(range);
    return !isExports && /[^\s;]/.test(this.edits.text.slice(...range));
  }

  /** Adds a statement. @param last the statement whose value is the cell's, if it is this one or in this one */
  add(statement: ts.Statement, last: ts.Statement | undefined): void {
    if (ts.isFunctionDeclaration(statement)) this.addFunction(statement);
    else if (ts.isClassDeclaration(statement)) this.addClass(statement);
    else if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
      this.addImport(statement);
    else if (ts.isVariableStatement(statement)) this.addVariables(statement);
    else this.addOther(statement, last);
  }

  /** Returns the parts of the script in their order. */
  parts(): (Part | string)[] {
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

  /** The function has no name of its own, so that a recursive call uses the global, which may have been redeclared. */
  private addFunction(node: ts.FunctionDeclaration): void {
    const name = this.globalOf(node.name);
    const [start, end] = this.rangeOf(node);
    const async = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ? "async " : "";
    const head = `${name} = ${async}function${node.asteriskToken ? "*" : ""} `;
    this.edits.replace(start, node.name?.end ?? this.edits.text.indexOf("(", start), head);
    this.edits.insertAfter(end, ";");
    this.code.visitChildren(node, (child) => child !== node.name);
    this.hoisted.push(name);
    this.functions.push([start, end]);
    this.moved.push([start, end]);
  }

  private addClass(node: ts.ClassDeclaration): void {
    const name = this.globalOf(node.name);
    const [start, end] = this.rangeOf(node);
    const keyword = this.edits.text.indexOf("class", node.modifiers?.end ?? start);
    const headEnd = node.name?.end ?? keyword + "class".length;
    this.edits.replace(start, headEnd, `${name} = class${node.name ? ` ${name}` : ""}`);
    this.reach(end, [name]);
    this.code.visitChildren(node, (child) => child !== node.name);
  }

  private addImport(node: ts.ImportDeclaration | ts.ExportDeclaration): void {
    const [start, end] = this.rangeOf(node);
    this.moved.push([start, end]);
    const bound = ts.isImportDeclaration(node) ? this.bindings(node.importClause) : [];
    if (!bound) return;
    this.later.push(...bound.map(([, local]) => local));
    const specifier = JSON.stringify((node.moduleSpecifier as ts.StringLiteral).text);
    this.edits.replace(start, end, `await ${RUNTIME}.bind(${specifier}, ${JSON.stringify(bound)});`);
    this.imports.push([start, end]);
  }

  /** Returns the exported and the local name of each value ("*" is the namespace); undefined if an import brings only types. */
  private bindings(clause: ts.ImportClause | undefined): [imported: string, local: string][] | undefined {
    if (!clause) return [];
    const { name, namedBindings } = clause;
    const all: [string, ts.Identifier][] = name ? [["default", name]] : [];
    if (namedBindings && ts.isNamespaceImport(namedBindings)) all.push(["*", namedBindings.name]);
    else
      for (const { name, propertyName, isTypeOnly } of namedBindings?.elements ?? [])
        if (!isTypeOnly) all.push([(propertyName ?? name).text, name]);
    const values = all.filter(([, local]) => !this.names.types.has(local.text));
    return values.length ? values.map(([imported, local]) => [imported, this.globalOf(local)]) : undefined;
  }

  private addVariables(node: ts.VariableStatement): void {
    const { declarationList } = node;
    const names = declarationList.declarations.flatMap(({ name }) => boundNames(name));
    // Variables that TypeScript introduces are not visible to users.
    if (names.every(({ text }) => this.names.declared.has(text))) {
      const globals = names.map((name) => this.globalOf(name));
      this.reach(node.end, globals);
      this.assign(declarationList, node.getStart(this.tree));
    }
    this.code.visit(node);
  }

  private addOther(statement: ts.Statement, last: ts.Statement | undefined): void {
    if (last && (ts.isExpressionStatement(last) || ts.isExportAssignment(last)))
      this.wrap(last, `return ${RUNTIME}.value((`, "))");
    else if (ts.isExportAssignment(statement)) this.wrap(statement, "void (", ")");
    this.code.visit(statement);
    forEachNestedVar(statement, (list, parent) => {
      const names = list.declarations.flatMap(({ name }) => boundNames(name));
      this.hoisted.push(...names.map((name) => this.globalOf(name)));
      const start = list.getStart(this.tree);
      const isTarget = ts.isForInStatement(parent) || ts.isForOfStatement(parent);
      if (isTarget) this.edits.replace(start, list.declarations[0]!.getStart(this.tree), "");
      else this.assign(list, start);
    });
  }

  /** Puts the expression of a statement into a call. */
  private wrap(node: ts.ExpressionStatement | ts.ExportAssignment, before: string, after: string): void {
    this.edits.replace(node.getStart(this.tree), node.expression.getStart(this.tree), before);
    this.edits.insertAfter(this.codeEnd(node.expression), after);
  }

  /** Makes assignments of declarations that begin at a position. `var x;` assigns nothing; `let x;` assigns undefined. */
  private assign(list: ts.VariableDeclarationList, start: number): void {
    this.edits.replace(start, list.declarations[0]!.getStart(this.tree), "void (");
    this.edits.insertAfter(this.codeEnd(list), ")");
    const isEmpty = ({ name, initializer }: ts.VariableDeclaration) =>
      !initializer && (!isVarList(list) || (ts.isIdentifier(name) && this.filled.has(name.text)));
    for (const one of list.declarations) if (isEmpty(one)) this.edits.insertAfter(one.name.end, " = void 0");
  }

  /** Records at a position that the cell has given names their values: they exist from there on, even if the cell throws later. */
  private reach(position: number, names: readonly string[]): void {
    this.later.push(...names);
    this.edits.insertAfter(
      position,
      `;${RUNTIME}.reached(${names.map((name) => JSON.stringify(name)).join(", ")});`,
    );
  }

  /** Returns the global for a name that the cell declares. */
  private globalOf(name: ts.Identifier | undefined): string {
    if (!name) return "default_1";
    return this.names.nodes.has(name.text) ? globalName(name.text) : name.text;
  }

  private rangeOf(node: ts.Node): Part {
    return [node.getStart(this.tree), node.end];
  }

  /** Returns the end of a node without the blank type behind it, before which there may be an added semicolon. */
  private codeEnd(node: ts.Node): number {
    let { end } = node;
    while (/[\s;]/.test(this.edits.text[end - 1]!)) end--;
    return end;
  }
}

const list = (names: readonly string[]) => JSON.stringify([...new Set(names)]);
