import ts from "typescript";
import { isVarList } from "./declarations";

const f = ts.factory;

/** Gives a new node the place of the node from which it was made. */
export const at = <T extends ts.Node>(node: T, original: ts.Node): T =>
  ts.setOriginalNode(ts.setTextRange(node, original), original);

/** Replaces a list of declarations by assignments. */
export function listStatement(statement: ts.VariableStatement): ts.Statement {
  // The variable that TypeScript declares for an enum or namespace is filled in by later statements. It must start
  // empty, without the contents of an earlier cell.
  const original = ts.getOriginalNode(statement).kind;
  const made = original === ts.SyntaxKind.EnumDeclaration || original === ts.SyntaxKind.ModuleDeclaration;
  const isVar = isVarList(statement.declarationList) && !made;
  const assignments = statement.declarationList.declarations.flatMap((one) => assignment(one, isVar));
  return assignments.length ? f.createExpressionStatement(inSequence(assignments)) : f.createEmptyStatement();
}

const inSequence = (all: ts.Expression[]) => all.reduce((one, next) => f.createComma(one, next));

/** `var x;` assigns nothing; `let x;` assigns undefined. */
function assignment({ name, initializer }: ts.VariableDeclaration, isVar: boolean): ts.Expression[] {
  if (!initializer && isVar) return [];
  const target = pattern(name);
  const value = initializer ?? f.createVoidZero();
  const made = at(f.createAssignment(target, value), name.parent ?? name);
  return [ts.isIdentifier(name) ? made : f.createParenthesizedExpression(made)];
}

/** The binding `{ a, b: [c = 1], ...d }` as the target of an assignment. */
function pattern(name: ts.BindingName): ts.Expression {
  if (ts.isIdentifier(name)) return name;
  if (ts.isArrayBindingPattern(name))
    return f.createArrayLiteralExpression(
      name.elements.map((one) => {
        if (ts.isOmittedExpression(one)) return one;
        return one.dotDotDotToken ? f.createSpreadElement(pattern(one.name)) : withDefault(one);
      }),
    );
  return f.createObjectLiteralExpression(
    name.elements.map((one) => {
      if (one.dotDotDotToken) return f.createSpreadAssignment(pattern(one.name));
      const property = one.propertyName ?? f.createIdentifier((one.name as ts.Identifier).text);
      return f.createPropertyAssignment(property, withDefault(one));
    }),
  );
}

const withDefault = ({ name, initializer }: ts.BindingElement) =>
  initializer ? f.createAssignment(pattern(name), initializer) : pattern(name);

/** The names that a binding declares. */
export const boundNames = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((one) => (ts.isBindingElement(one) ? boundNames(one.name) : []));

/** The same statement, in which `var` declarations are assignments. */
export function withoutVars<T extends ts.Statement>(statement: T, context: ts.TransformationContext): T {
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
    if (ts.isVariableStatement(node) && isVarList(node.declarationList)) return at(listStatement(node), node);
    if (ts.isForStatement(node) && node.initializer && isVarList(node.initializer)) {
      const assignments = node.initializer.declarations.flatMap((one) => assignment(one, true));
      const initializer = assignments.length ? inSequence(assignments) : undefined;
      const visited = ts.visitEachChild(node, visit, context);
      return f.updateForStatement(
        visited,
        initializer,
        visited.condition,
        visited.incrementor,
        visited.statement,
      );
    }
    if ((ts.isForOfStatement(node) || ts.isForInStatement(node)) && isVarList(node.initializer)) {
      const target = pattern(node.initializer.declarations[0]!.name);
      const visited = ts.visitEachChild(node, visit, context);
      return ts.isForOfStatement(visited)
        ? f.updateForOfStatement(
            visited,
            visited.awaitModifier,
            target,
            visited.expression,
            visited.statement,
          )
        : f.updateForInStatement(
            visited as ts.ForInStatement,
            target,
            (visited as ts.ForInStatement).expression,
            (visited as ts.ForInStatement).statement,
          );
    }
    return ts.visitEachChild(node, visit, context);
  };
  return visit(statement) as T;
}
