import ts from "typescript";
import { RUNTIME } from "./language";

const f = ts.factory;
const NODES = new Set([...Object.getOwnPropertyNames(globalThis), RUNTIME]);

/** Whether Node, its libraries, or compiled cells rely on a global of that name. */
export const isNodes = (name: string): boolean => NODES.has(name);

/** Returns the global for a name that a cell declares. */
export const globalName = (name: string): string => (isNodes(name) ? `${name}$` : name);

/**
 * Renames variables in a program, wherever they occur: a cell that declares `setTimeout` or `performance` gets a
 * separate global, and libraries keep using Node's.
 */
export function rename(names: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> {
  const isOne = (node: ts.Node): node is ts.Identifier => ts.isIdentifier(node) && names.has(node.text);
  const other = (node: ts.Identifier) => ts.setTextRange(f.createIdentifier(globalName(node.text)), node);
  return (context) => (source) => {
    const visit = (node: ts.Node): ts.Node => {
      if (isOne(node)) return isProperty(node) ? node : other(node);
      const visited = ts.visitEachChild(node, visit, context);
      // A shorthand property must be split into a property name and a variable name.
      if (ts.isShorthandPropertyAssignment(node) && isOne(node.name)) {
        const { objectAssignmentInitializer: initial } = visited as ts.ShorthandPropertyAssignment;
        const value = other(node.name);
        return f.createPropertyAssignment(
          node.name.text,
          initial ? f.createAssignment(value, initial) : value,
        );
      }
      if (ts.isBindingElement(node) && isOne(node.name) && ts.isObjectBindingPattern(node.parent)) {
        const { dotDotDotToken, propertyName, name, initializer } = visited as ts.BindingElement;
        const property = dotDotDotToken ? undefined : (propertyName ?? node.name.text);
        return f.createBindingElement(dotDotDotToken, property, name, initializer);
      }
      if (ts.isImportSpecifier(node) && isOne(node.name)) {
        const { isTypeOnly, propertyName, name } = visited as ts.ImportSpecifier;
        return f.createImportSpecifier(isTypeOnly, propertyName ?? f.createIdentifier(node.name.text), name);
      }
      return visited;
    };
    return ts.visitEachChild(source, visit, context);
  };
}

/** Whether an identifier names a property rather than a variable. */
function isProperty(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent)) return parent.propertyName === node;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  const isMember =
    ts.isClassElement(parent) ||
    ts.isTypeElement(parent) ||
    ts.isEnumMember(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isAccessor(parent);
  return (
    (isMember && parent.name === node) ||
    ts.isExportSpecifier(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isMetaProperty(parent)
  );
}
