import ts from "typescript";
import type { Edits } from "./edits";
import { globalName } from "./globals";
import { RUNTIME } from "./language";
import { checkLoop } from "./loop-checks";
import { renameVariable } from "./rename";

/**
 * Edits what code of a script needs anywhere: `import.meta` and `import()` are a module's, so a script asks the kernel; loops get their
 * checks, and variables with names of Node's globals get other names. Functions and classes keep their names.
 */
export class CodeEdits {
  /** The nodes around the visited one. */
  private readonly parents: ts.Node[];
  private readonly others = new Map<ts.Node, () => void>();

  /** @param renamed names of the session that are also Node's */
  constructor(
    private readonly tree: ts.SourceFile,
    private readonly edits: Edits,
    private renamed: ReadonlySet<string>,
  ) {
    this.parents = [tree, tree];
  }

  /** Visits a statement. Most do not contain what is edited: a table of data need not be visited node by node. */
  visitStatement(node: ts.Statement): void {
    const mayNeedEdits =
      this.renamed.size > 0 || this.others.size > 0 || EDITED.test(this.edits.text.slice(node.pos, node.end));
    if (mayNeedEdits) this.visit(node);
  }

  private readonly visit = (node: ts.Node): void => {
    const { tree, edits } = this;
    if (ts.isIdentifier(node)) {
      if (this.renamed.has(node.text)) renameVariable(node, this.parents, edits);
      return;
    }
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      edits.replace(node.getStart(tree), node.end, `${RUNTIME}.meta`);
    else if (node.kind === ts.SyntaxKind.ImportKeyword && isCall(this.parents.at(-1)!))
      edits.replace(node.getStart(tree), node.end, `${RUNTIME}.import`);
    else checkLoop(node, tree, edits);
    this.others.get(node)?.();
    this.nameValue(node);
    if (isSelfNamed(node)) this.visitSelfNamed(node);
    else this.visitChildren(node);
  };

  /** Has further edits of a node made before those of the nodes that it contains. */
  before(node: ts.Node, edit: () => void): void {
    this.others.set(node, edit);
  }

  visitChildren(node: ts.Node, isWanted: (child: ts.Node) => boolean = () => true): void {
    this.parents.push(node);
    ts.forEachChild(node, (child) => {
      if (isWanted(child)) this.visit(child);
    });
    this.parents.pop();
  }

  /** Visits the parts of a class or function whose name is a constant in it, which hides the session's name there. */
  visitInside(node: SelfNamed): void {
    const { renamed } = this;
    this.renamed = new Set([...renamed].filter((name) => name !== node.name?.text));
    this.visitChildren(node, (child) => child !== node.name);
    this.renamed = renamed;
  }

  private visitSelfNamed(node: SelfNamed): void {
    const { name } = node;
    if (ts.isClassDeclaration(node) && name && this.renamed.has(name.text)) {
      const head = `let ${globalName(name.text)} = class ${name.text}`;
      this.edits.replace(node.getStart(this.tree), name.end, head);
      this.edits.insertAfter(node.end, ";");
    }
    this.visitInside(node);
  }

  /** Gives an anonymous function or class the name of its variable, where the script renames that: `g = { f: () => 1 }.f`. */
  private nameValue(node: ts.Node): void {
    const { name, value: whole } = assignmentIn(node);
    if (!whole || !name || !ts.isIdentifier(name) || !this.renamed.has(name.text)) return;
    const value = innermost(whole);
    if (!isAnonymous(value)) return;
    this.edits.insertBefore(value.getStart(this.tree), `{ ${name.text}: `);
    this.edits.insertAfter(value.end, ` }.${name.text}`);
  }
}

/** The words of syntax that is edited. */
const EDITED = /\b(for|while|do|import)\b/;

/** A class, or a function with a variable of its own name. */
type SelfNamed = ts.ClassLikeDeclaration | ts.FunctionExpression;

const isSelfNamed = (node: ts.Node): node is SelfNamed =>
  ts.isClassLike(node) || ts.isFunctionExpression(node);

const isCall = (node: ts.Node) => ts.isCallExpression(node);

/** Returns the variable and the value of an assignment that gives an anonymous function the name of the variable. */
function assignmentIn(node: ts.Node): { name?: ts.Node; value?: ts.Expression } {
  if (ts.isBinaryExpression(node))
    return NAMING.has(node.operatorToken.kind) ? { name: node.left, value: node.right } : {};
  if (ts.isShorthandPropertyAssignment(node))
    return { name: node.name, value: node.objectAssignmentInitializer };
  return ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isParameter(node)
    ? { name: node.name, value: node.initializer }
    : {};
}

const NAMING = new Set([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

/** Returns the expression in parentheses and in types, which become blank. */
function innermost(value: ts.Expression): ts.Expression {
  const isOuter =
    ts.isParenthesizedExpression(value) ||
    ts.isAsExpression(value) ||
    ts.isSatisfiesExpression(value) ||
    ts.isTypeAssertionExpression(value) ||
    ts.isNonNullExpression(value);
  return isOuter ? innermost(value.expression) : value;
}

const isAnonymous = (value: ts.Expression) =>
  ts.isArrowFunction(value) ||
  ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && !value.name);
