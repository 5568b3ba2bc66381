import ts from "typescript";

/** Returns the innermost node that contains a position; a node without text contains its own. */
export function nodeAt(source: ts.SourceFile, position: number): ts.Node | undefined {
  const visit = (node: ts.Node): ts.Node | undefined =>
    ts.forEachChild(node, (child) =>
      child.pos <= position && position < Math.max(child.end, child.pos + 1)
        ? (visit(child) ?? child)
        : undefined,
    );
  return visit(source);
}

/** Returns the value whose member is being named. @param dot the position of the dot */
export function valueBefore(source: ts.SourceFile, dot: number): ts.Expression | undefined {
  let node = nodeAt(source, dot);
  while (node && !(ts.isPropertyAccessExpression(node) && node.expression.end <= dot)) node = node.parent;
  return (node as ts.PropertyAccessExpression | undefined)?.expression;
}

/** Whether the type of a value leaves members open. */
export function hasOpenMembers(value: ts.Expression, program: ts.Program): boolean {
  const type = program.getTypeChecker().getTypeAtLocation(value);
  return (type.flags & ts.TypeFlags.Any) !== 0 || type.getStringIndexType() !== undefined;
}

/**
 * Returns the exports of a package that only name themselves, as in `export const Abs = "Abs"`. tfjs has almost 200 such names of its
 * kernels beside its functions, and a cell has no use for them.
 */
export function namesOfKernels(value: ts.Expression, program: ts.Program): ReadonlySet<string> {
  const checker = program.getTypeChecker();
  const namespace = checker.getTypeAtLocation(value);
  if (!((namespace.symbol?.flags ?? 0) & ts.SymbolFlags.ValueModule)) return new Set();
  const isName = (symbol: ts.Symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (!(target.flags & ts.SymbolFlags.BlockScopedVariable) || !isOfPackage(target, program)) return false;
    const type = checker.getTypeOfSymbolAtLocation(target, value);
    return type.isStringLiteral() && type.value === symbol.name;
  };
  return new Set(
    namespace
      .getProperties()
      .filter(isName)
      .map(({ name }) => name),
  );
}

function isOfPackage({ declarations }: ts.Symbol, program: ts.Program): boolean {
  const file = declarations?.[0]?.getSourceFile();
  return file !== undefined && (file.isDeclarationFile || program.isSourceFileFromExternalLibrary(file));
}
