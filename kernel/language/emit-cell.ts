import type { SourceMapPayload } from "node:module";
import ts from "typescript";
import { type CellNames, CellScript } from "./cell-script";
import { boundNames, forEachNestedVar, isVarList } from "./declarations";
import { emitClass, emitFunction, emitImport } from "./emit-declarations";
import { javascript } from "./javascript";
import { RUNTIME } from "./language";

/**
 * Compiles a cell to a script, in which top-level declarations are assignments to global names.
 *
 * @param syntax options that say what syntax becomes
 */
export function emitCell(
  source: ts.SourceFile,
  file: string,
  names: CellNames,
  syntax: ts.CompilerOptions,
): { code: string; map: SourceMapPayload } {
  const cell = javascript(source, syntax);
  const script = new CellScript(cell, names);
  const filled = filledNames(source);
  const statements = cell.tree.statements.filter((one) => isCode(one, script));
  const last = statements.findLast((one) => !ts.isImportDeclaration(one));
  // TypeScript puts a cell with `using` into a `try` as a whole.
  const end =
    last && ts.isTryStatement(last) && source.statements.some(isUsing)
      ? last.tryBlock.statements.at(-1)
      : last;
  for (const statement of statements)
    if (ts.isFunctionDeclaration(statement)) emitFunction(statement, script);
    else if (ts.isClassDeclaration(statement)) emitClass(statement, script);
    else if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
      emitImport(statement, script);
    else if (ts.isVariableStatement(statement)) emitVariables(statement, script, filled);
    else emitOther(statement, script, filled, statement === last ? end : undefined);
  return script.print(file);
}

const isUsing = (node: ts.Statement) =>
  ts.isVariableStatement(node) && (node.declarationList.flags & ts.NodeFlags.Using) !== 0;

/** Returns the names of enums and namespaces. TypeScript declares a variable for each, which later statements fill in. */
const filledNames = ({ statements }: ts.SourceFile): ReadonlySet<string> =>
  new Set(
    statements.flatMap((one) =>
      ts.isEnumDeclaration(one) || ts.isModuleDeclaration(one) ? one.name.text : [],
    ),
  );

/** Whether a statement is more than types, or names of exports: later cells can use all declarations, exported or not. */
function isCode(statement: ts.Statement, script: CellScript): boolean {
  const isExports = ts.isExportDeclaration(statement) && !statement.moduleSpecifier;
  if (isExports) script.drop(statement);
  return !isExports && /[^\s;]/.test(script.edits.text.slice(script.startOf(statement), statement.end));
}

function emitVariables(node: ts.VariableStatement, script: CellScript, filled: ReadonlySet<string>): void {
  const { declarationList } = node;
  const names = declarationList.declarations.flatMap(({ name }) => boundNames(name));
  // Variables that TypeScript introduces are not visible to users.
  if (names.every(({ text }) => script.names.declared.has(text))) {
    script.reach(
      node.end,
      names.map((name) => script.globalOf(name)),
    );
    assign(declarationList, script.startOf(node), script, filled);
  }
  script.code.visitStatement(node);
}

/** @param last the statement whose value is the cell's, if it is this one or in this one */
function emitOther(
  statement: ts.Statement,
  script: CellScript,
  filled: ReadonlySet<string>,
  last: ts.Statement | undefined,
): void {
  if (last && (ts.isExpressionStatement(last) || ts.isExportAssignment(last)))
    wrap(last, `return ${RUNTIME}.value((`, "))", script);
  else if (ts.isExportAssignment(statement)) wrap(statement, "void (", ")", script);
  forEachNestedVar(statement, (list, parent) => {
    const names = list.declarations.flatMap(({ name }) => boundNames(name));
    script.hoist(names.map((name) => script.globalOf(name)));
    const start = script.startOf(list);
    const isTarget = ts.isForInStatement(parent) || ts.isForOfStatement(parent);
    script.code.before(list, () => {
      if (isTarget) script.edits.replace(start, script.startOf(list.declarations[0]!), "");
      else assign(list, start, script, filled);
    });
  });
  script.code.visitStatement(statement);
}

/** Puts the expression of a statement into a call. */
function wrap(
  node: ts.ExpressionStatement | ts.ExportAssignment,
  before: string,
  after: string,
  script: CellScript,
): void {
  const { edits } = script;
  edits.replace(script.startOf(node), script.startOf(node.expression), before);
  edits.insertAfter(codeEnd(node.expression, edits.text), after);
}

/** Makes assignments of declarations that begin at a position. `var x;` assigns nothing; `let x;` assigns undefined. */
function assign(
  list: ts.VariableDeclarationList,
  start: number,
  script: CellScript,
  filled: ReadonlySet<string>,
): void {
  const { edits } = script;
  edits.replace(start, script.startOf(list.declarations[0]!), "void (");
  edits.insertAfter(codeEnd(list, edits.text), ")");
  const isEmpty = ({ name, initializer }: ts.VariableDeclaration) =>
    !initializer && (!isVarList(list) || (ts.isIdentifier(name) && filled.has(name.text)));
  for (const one of list.declarations) if (isEmpty(one)) edits.insertAfter(one.name.end, " = void 0");
}

/** Returns the end of a node without the blank type behind it, before which there may be an added semicolon. */
function codeEnd({ end }: ts.Node, text: string): number {
  let last = end;
  while (/[\s;]/.test(text[last - 1]!)) last--;
  return last;
}
