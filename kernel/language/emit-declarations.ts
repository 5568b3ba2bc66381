import ts from "typescript";
import type { CellScript } from "./cell-script";
import { RUNTIME } from "./language";

/**
 * Edits a function of a cell to an assignment. The assigned function has no variable of its own name, so that a recursive call uses the
 * global, which may have been redeclared.
 */
export function emitFunction(node: ts.FunctionDeclaration, script: CellScript): void {
  const { edits } = script;
  const start = script.startOf(node);
  const async = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ? "async " : "";
  const head = `${async}function${node.asteriskToken ? "*" : ""} `;
  const headEnd = node.name?.end ?? edits.text.indexOf("(", start);
  const variable = script.globalOf(node.name);
  const name = node.name?.text ?? "default";
  // Assigned to a variable of another name, the function gets its name from a property.
  const isRenamed = variable !== name;
  edits.replace(start, headEnd, `${variable} = ${isRenamed ? `{ ${name}: ` : ""}${head}`);
  edits.insertAfter(node.end, isRenamed ? ` }.${name};` : ";");
  script.code.visitChildren(node, (child) => child !== node.name);
  script.moveFunction(node, variable);
}

/** Edits a class of a cell to an assignment. */
export function emitClass(node: ts.ClassDeclaration, script: CellScript): void {
  const { edits } = script;
  const start = script.startOf(node);
  const variable = script.globalOf(node.name);
  const keyword = edits.text.indexOf("class", node.modifiers?.end ?? start);
  const headEnd = node.name?.end ?? keyword + "class".length;
  const head = node.name ? `class ${node.name.text}` : "{ default: class";
  edits.replace(start, headEnd, `${variable} = ${head}`);
  script.reach(node.end, [variable]);
  if (!node.name) edits.insertAfter(node.end, " }.default");
  script.code.visitInside(node);
}

/** Edits an import of a cell to a call that assigns the values. An export from another module imports it, too. */
export function emitImport(node: ts.ImportDeclaration | ts.ExportDeclaration, script: CellScript): void {
  const bound = ts.isImportDeclaration(node) ? bindings(node.importClause, script) : [];
  if (!bound) {
    script.drop(node);
    return;
  }
  const specifier = JSON.stringify((node.moduleSpecifier as ts.StringLiteral).text);
  const call = `await ${RUNTIME}.bind(${specifier}, ${JSON.stringify(bound)});`;
  script.edits.replace(script.startOf(node), node.end, call);
  script.moveImport(
    node,
    bound.map(([, local]) => local),
  );
}

/** Returns the exported name ("*" is the namespace) and the global of each value; undefined if an import brings only types. */
function bindings(
  clause: ts.ImportClause | undefined,
  script: CellScript,
): [imported: string, local: string][] | undefined {
  if (!clause) return [];
  const { name, namedBindings } = clause;
  const all: [string, ts.Identifier][] = name ? [["default", name]] : [];
  if (namedBindings && ts.isNamespaceImport(namedBindings)) all.push(["*", namedBindings.name]);
  else
    for (const { name, propertyName, isTypeOnly } of namedBindings?.elements ?? [])
      if (!isTypeOnly) all.push([(propertyName ?? name).text, name]);
  const values = all.filter(([, local]) => !script.names.types.has(local.text));
  return values.length ? values.map(([imported, local]) => [imported, script.globalOf(local)]) : undefined;
}
