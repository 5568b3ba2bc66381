import type { SourceMapPayload } from "node:module";
import ts from "typescript";
import { at, boundNames, listStatement, withoutVars } from "./assignments";
import { forEachNestedVar } from "./declarations";
import { rename } from "./rename";
import { call, runtime } from "./runtime-call";
import { transpiled } from "./transpile";

const f = ts.factory;
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Preserve,
  moduleDetection: ts.ModuleDetectionKind.Force,
  verbatimModuleSyntax: true,
};

/**
 * A cell as a script: one async function, in which top-level declarations are assignments to global names. Functions and imports
 * come first, as in a module.
 *
 * @param types imported names that are types only
 * @param nodes names of the session that are also Node's
 */
export function emitCell(
  code: string,
  fileName: string,
  types: ReadonlySet<string>,
  nodes: ReadonlySet<string>,
): { code: string; map: SourceMapPayload } {
  const after = (context: ts.TransformationContext) => (source: ts.SourceFile) =>
    toScript(source, types, context);
  const { code: script, map } = transpiled(code, fileName, {
    fileName: "cell.ts",
    compilerOptions: OPTIONS,
    transformers: { before: nodes.size ? [rename(nodes)] : [], after: [after] },
  });
  return { code: script, map };
}

function toScript(
  source: ts.SourceFile,
  types: ReadonlySet<string>,
  context: ts.TransformationContext,
): ts.SourceFile {
  const functions: ts.Statement[] = [];
  const imports: ts.Statement[] = [];
  const body: ts.Statement[] = [];
  const hoisted: string[] = [];
  const later: string[] = [];
  const declare = (statement: ts.Statement, names: string[]) => {
    later.push(...names);
    // If the cell throws later, the names that it has reached so far exist.
    body.push(statement, call("reached", names.map(text)));
  };
  const last = source.statements.findLastIndex((one) => !ts.isImportDeclaration(one));
  const isUsing = source.statements.some((one) => ts.isVariableStatement(one) && isMadeUp(one));
  for (const [i, statement] of source.statements.entries()) {
    if (ts.isFunctionDeclaration(statement)) {
      if (!statement.body) continue;
      const name = statement.name ?? f.createIdentifier("default_1");
      hoisted.push(name.text);
      functions.push(at(assign(name, functionExpression(statement)), statement));
    } else if (ts.isImportDeclaration(statement)) {
      const bound = bindings(statement, types);
      later.push(...(bound ?? []).map(([, local]) => local));
      if (bound) imports.push(at(importStatement(statement.moduleSpecifier, bound), statement));
    } else if (ts.isClassDeclaration(statement)) {
      const name = statement.name ?? f.createIdentifier("default_1");
      declare(at(assign(name, classExpression(statement)), statement), [name.text]);
    } else if (ts.isVariableStatement(statement) && isMadeUp(statement)) {
      body.push(statement);
    } else if (ts.isVariableStatement(statement)) {
      const names = statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
      declare(at(listStatement(statement), statement), names);
    } else if (ts.isExportDeclaration(statement)) {
      // Later cells can use all declarations, exported or not.
      if (statement.moduleSpecifier) imports.push(importStatement(statement.moduleSpecifier, []));
    } else {
      forEachNestedVar(statement, (list) =>
        hoisted.push(...list.declarations.flatMap(({ name }) => boundNames(name))),
      );
      const plain = withoutVars(withoutExport(statement), context);
      if (i !== last) body.push(plain);
      else body.push(isUsing && ts.isTryStatement(plain) ? returnedInside(plain) : returned(plain));
    }
  }
  const strict = f.createExpressionStatement(f.createStringLiteral("use strict"));
  const begin = call("begin", [list(hoisted), list(later)]);
  const statements = [strict, begin, ...functions, ...imports, ...body].map((node) =>
    withRuntime(node, context),
  );
  const async = f.createModifier(ts.SyntaxKind.AsyncKeyword);
  const block = f.createBlock(statements, true);
  const cell = f.createFunctionExpression([async], undefined, undefined, undefined, [], undefined, block);
  const run = f.createCallExpression(f.createParenthesizedExpression(cell), undefined, []);
  return f.updateSourceFile(source, [f.createExpressionStatement(run)]);
}

const text = (value: string) => f.createStringLiteral(value);

const list = (names: string[]) => f.createArrayLiteralExpression([...new Set(names)].map(text));

const withoutExport = (node: ts.Statement) =>
  ts.isExportAssignment(node) ? at(f.createExpressionStatement(node.expression), node) : node;

const assign = (name: ts.Identifier, value: ts.Expression) =>
  f.createExpressionStatement(f.createAssignment(name, value));

/** The function has no name of its own, so that a recursive call uses the global, which may have been redeclared. */
const functionExpression = (node: ts.FunctionDeclaration) =>
  at(
    f.createFunctionExpression(
      node.modifiers?.filter((one): one is ts.Modifier => one.kind === ts.SyntaxKind.AsyncKeyword),
      node.asteriskToken,
      undefined,
      undefined,
      node.parameters,
      undefined,
      node.body!,
    ),
    node,
  );

const classExpression = (node: ts.ClassDeclaration) =>
  at(f.createClassExpression(undefined, node.name, undefined, node.heritageClauses, node.members), node);

/** The exported and the local name of each; "*" is the namespace. */
type Bound = [imported: string, local: string];

function bindings({ importClause }: ts.ImportDeclaration, types: ReadonlySet<string>): Bound[] | undefined {
  if (!importClause) return [];
  const bound: Bound[] = importClause.name ? [["default", importClause.name.text]] : [];
  const { namedBindings } = importClause;
  if (namedBindings && ts.isNamespaceImport(namedBindings)) bound.push(["*", namedBindings.name.text]);
  else
    for (const { name, propertyName } of namedBindings?.elements ?? [])
      bound.push([(propertyName ?? name).text, name.text]);
  const values = bound.filter(([, local]) => !types.has(local));
  return values.length || !bound.length ? values : undefined;
}

const importStatement = (specifier: ts.Expression, bound: Bound[]) =>
  f.createExpressionStatement(
    f.createAwaitExpression(
      f.createCallExpression(runtime("bind"), undefined, [
        specifier,
        f.createArrayLiteralExpression(
          bound.map((pair) =>
            f.createArrayLiteralExpression(pair.map((name) => f.createStringLiteral(name))),
          ),
        ),
      ]),
    ),
  );

const returned = (statement: ts.Statement) =>
  ts.isExpressionStatement(statement)
    ? at(
        f.createReturnStatement(f.createCallExpression(runtime("value"), undefined, [statement.expression])),
        statement,
      )
    : statement;

/** TypeScript puts a cell with `using` into a `try` as a whole. */
function returnedInside(statement: ts.TryStatement): ts.Statement {
  const { tryBlock, catchClause, finallyBlock } = statement;
  const inside = tryBlock.statements.map((one, i, all) => (i === all.length - 1 ? returned(one) : one));
  return f.updateTryStatement(statement, f.updateBlock(tryBlock, inside), catchClause, finallyBlock);
}

/** Variables that TypeScript introduces when it compiles to older JavaScript. They are not visible to users. */
const isMadeUp = ({ declarationList }: ts.VariableStatement) =>
  declarationList.declarations.some(({ name }) => ts.isIdentifier(name) && ts.isGeneratedIdentifier(name));

/** `import.meta` and `import()` are a module's; a script asks the kernel. */
function withRuntime(statement: ts.Statement, context: ts.TransformationContext): ts.Statement {
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return runtime("meta");
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      return f.updateCallExpression(
        node,
        runtime("import"),
        undefined,
        ts.visitNodes(node.arguments, visit) as ts.NodeArray<ts.Expression>,
      );
    return ts.visitEachChild(node, visit, context);
  };
  return ts.visitNode(statement, visit) as ts.Statement;
}
