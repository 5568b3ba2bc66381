import ts from "typescript";

/** Turns the first line into a comment if it names an interpreter. Lines and columns stay the same. */
export const withoutShebang = (code: string): string => (code.startsWith("#!") ? `//${code.slice(2)}` : code);

/** Parses a text as a module, in which `await` is allowed anywhere. @param isJsx whether the text may contain JSX */
export const parse = (code: string, isJsx = false): ts.SourceFile =>
  ts.createSourceFile(isJsx ? "cell.tsx" : "cell.ts", code, {
    languageVersion: ts.ScriptTarget.ES2022,
    setExternalModuleIndicator: (file) => {
      file.externalModuleIndicator = true;
    },
  });

/**
 * Parses a cell. An object literal at its end is put into parentheses: `{ a: 1, b: 2 }` would be a block with labels.
 *
 * @returns the cell, with the parentheses in its `text`
 */
export function parseCell(code: string, isJsx = false): ts.SourceFile {
  const source = parse(code, isJsx);
  const block = source.statements.findLast(ts.isBlock);
  if (!block) return source;
  const isLabel = block.statements.length > 0 && block.statements.every(ts.isLabeledStatement);
  const start = block.getStart(source);
  if (
    !isLabel &&
    !(source.parseDiagnostics.length && /^\{\s*(["'[]|\.\.\.|[\w$]+\s*[:,(])/.test(code.slice(start)))
  )
    return source;
  const rest = code.slice(start).trimEnd();
  const literal = parse(`${code.slice(0, start)}(${rest})`, isJsx);
  const { expression } = (literal.statements.at(-1) ?? {}) as Partial<ts.ExpressionStatement>;
  const isObject =
    expression &&
    ts.isParenthesizedExpression(expression) &&
    ts.isObjectLiteralExpression(expression.expression);
  return isObject && !literal.parseDiagnostics.length ? literal : source;
}

/** A name that a cell declares at its top level. */
export interface Declared {
  name: string;
  /** A later cell may assign to it. */
  assignable: boolean;
  /** Already marked as exported by the cell's author. */
  exported: boolean;
  /** The declaration starts as `null` or `undefined` without a type; the type follows from a later assignment. */
  open: boolean;
  /** The import that brings the name, if one does. */
  from?: string;
}

/** The top-level declarations of a cell, and every `var` in its blocks, each name once. */
export function declarations(file: ts.SourceFile): Declared[] {
  const found = new Map<string, Declared>();
  const add = (name: string, assignable: boolean, exported = false, open = false) => {
    const before = found.get(name);
    // A name that is also a type cannot be distinguished by `typeof`, so it is shared as a whole and cannot be
    // assigned.
    found.set(name, {
      name,
      assignable: assignable && !before,
      exported: exported || !!before?.exported,
      open,
    });
  };
  const addList = (list: ts.VariableDeclarationList, exported: boolean) => {
    const constant = (list.flags & ts.NodeFlags.BlockScoped & ~ts.NodeFlags.Let) !== 0;
    for (const one of list.declarations)
      for (const { text } of boundNames(one.name)) add(text, !constant, exported, isOpen(one));
  };
  for (const statement of file.statements) {
    const exported = isExported(statement);
    if (ts.isVariableStatement(statement)) addList(statement.declarationList, exported);
    else if (ts.isImportDeclaration(statement))
      for (const [name, from] of imported(statement)) {
        add(name, false);
        found.get(name)!.from = from;
      }
    else if (isNamed(statement)) add(statement.name.text, false, exported);
    else forEachNestedVar(statement, (list) => addList(list, false));
  }
  return [...found.values()];
}

const isOpen = ({ type, initializer }: ts.VariableDeclaration): boolean =>
  !type &&
  !!initializer &&
  (initializer.kind === ts.SyntaxKind.NullKeyword ||
    (ts.isIdentifier(initializer) && initializer.text === "undefined"));

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  !!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Calls `visit` for every `var` that belongs to the function around `node`, which `node` is a part of. */
export function forEachNestedVar(
  node: ts.Node,
  visit: (list: ts.VariableDeclarationList, parent: ts.Node) => void,
): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
  ts.forEachChild(node, (child) => {
    if (isVarList(child)) visit(child, node);
    forEachNestedVar(child, visit);
  });
}

/** The names that a binding declares. */
export const boundNames = (name: ts.BindingName): ts.Identifier[] =>
  ts.isIdentifier(name)
    ? [name]
    : name.elements.flatMap((one) => (ts.isBindingElement(one) ? boundNames(one.name) : []));

export const isVarList = (node: ts.Node): node is ts.VariableDeclarationList =>
  ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0;

type Named = ts.Statement & { name: ts.Identifier };

const isNamed = (node: ts.Statement): node is Named =>
  (ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportEqualsDeclaration(node) ||
    (ts.isModuleDeclaration(node) && (node.flags & ts.NodeFlags.GlobalAugmentation) === 0)) &&
  !!node.name &&
  ts.isIdentifier(node.name);

/** Returns the names that an import brings, each with the import that would bring it alone. */
function imported({ importClause, moduleSpecifier }: ts.ImportDeclaration): [name: string, from: string][] {
  const { name, namedBindings } = importClause ?? {};
  const bring = (what: string) =>
    `import ${what} from ${JSON.stringify((moduleSpecifier as ts.StringLiteral).text)}`;
  const whole: [string, string][] = name ? [[name.text, bring(name.text)]] : [];
  if (!namedBindings) return whole;
  if (ts.isNamespaceImport(namedBindings)) {
    const { text } = namedBindings.name;
    return [...whole, [text, bring(`* as ${text}`)]];
  }
  const parts = namedBindings.elements.map(({ name, propertyName }): [string, string] => [
    name.text,
    bring(`{ ${propertyName ? `${propertyName.text} as ` : ""}${name.text} }`),
  ]);
  return [...whole, ...parts];
}
