// From ts-blank-space 0.9.0. Copyright Bloomberg Finance L.P., licensed under the Apache License 2.0 (see LICENSE).
// Bundled by vendor/bundles.ts; changes: CommonJS in place of ESM.
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// <stdin>
var stdin_exports = {};
__export(stdin_exports, {
  blankSourceFile: () => blankSourceFile
});
module.exports = __toCommonJS(stdin_exports);

// node_modules/ts-blank-space/out/blank-string.js
var FLAG_REPLACE_WITH_OPEN_PAREN = 1;
var FLAG_REPLACE_WITH_CLOSE_PAREN = 2;
var FLAG_REPLACE_WITH_SEMI = 3;
function getSpace(input, start, end) {
  let out = "";
  for (let i = start; i < end; i++) {
    const charCode = input.charCodeAt(i);
    switch (charCode) {
      case 10:
        out += "\n";
        break;
      case 13:
        out += "\r";
        break;
      default:
        out += " ";
    }
  }
  return out;
}
var BlankString = class {
  constructor(input) {
    this.__input = input;
    this.__ranges = [];
  }
  blankButStartWithOpenParen(start, end) {
    this.__ranges.push(FLAG_REPLACE_WITH_OPEN_PAREN, start, end);
  }
  blankButEndWithCloseParen(start, end) {
    this.__ranges.push(0, start, end - 1);
    this.__ranges.push(FLAG_REPLACE_WITH_CLOSE_PAREN, end - 1, end);
  }
  blankButStartWithSemi(start, end) {
    this.__ranges.push(FLAG_REPLACE_WITH_SEMI, start, end);
  }
  blank(start, end) {
    this.__ranges.push(0, start, end);
  }
  toString() {
    const ranges = this.__ranges;
    const input = this.__input;
    if (ranges.length === 0) {
      return input;
    }
    let out = "";
    let previousEnd = 0;
    const max = Math.max;
    for (let i = 0; i < ranges.length; i += 3) {
      const flags = ranges[i];
      let rangeStart = ranges[i + 1];
      const rangeEnd = ranges[i + 2];
      rangeStart = max(rangeStart, previousEnd);
      out += input.slice(previousEnd, rangeStart);
      if (flags === FLAG_REPLACE_WITH_CLOSE_PAREN) {
        out += ")";
        rangeStart += 1;
      } else if (flags === FLAG_REPLACE_WITH_SEMI) {
        out += ";";
        rangeStart += 1;
      } else if (flags === FLAG_REPLACE_WITH_OPEN_PAREN) {
        out += "(";
        rangeStart += 1;
      }
      previousEnd = rangeEnd;
      out += getSpace(input, rangeStart, previousEnd);
    }
    return out + input.slice(previousEnd);
  }
};

// node_modules/ts-blank-space/out/index.js
var tslib = require("typescript");
var SK = tslib.SyntaxKind;
var VISIT_BLANKED = "";
var VISITED_JS = null;
var languageOptions = {
  languageVersion: tslib.ScriptTarget.ESNext,
  impliedNodeFormat: tslib.ModuleKind.ESNext
};
var scanner = tslib.createScanner(
  tslib.ScriptTarget.ESNext,
  /*skipTrivia: */
  true,
  tslib.LanguageVariant.Standard
);
if (tslib.JSDocParsingMode) {
  languageOptions.jsDocParsingMode = tslib.JSDocParsingMode.ParseNone;
  scanner.setJSDocParsingMode(tslib.JSDocParsingMode.ParseNone);
}
var src = "";
var str = new BlankString("");
var ast;
var onError;
var semicolonNeeded = false;
var parentStatement = void 0;
function blankSourceFile(source, onErrorArg) {
  try {
    const input = source.getFullText(source);
    src = input;
    str = new BlankString(input);
    onError = onErrorArg;
    scanner.setText(input);
    ast = source;
    visitNodeArray(
      ast.statements,
      /* isStatementLike: */
      true,
      /* isFunctionBody: */
      false
    );
    return str.toString();
  } finally {
    scanner.setText("");
    onError = void 0;
    ast = void 0;
    str = void 0;
    src = "";
    semicolonNeeded = false;
    parentStatement = void 0;
  }
}
function visitUnknownNodeArray(nodes) {
  if (nodes.length === 0) return VISITED_JS;
  return visitNodeArray(
    nodes,
    tslib.isStatement(nodes[0]),
    /* isFunctionBody: */
    false
  );
}
function visitNodeArray(nodes, isStatementLike, isFunctionBody) {
  const previousParentStatement = parentStatement;
  const previousSemicolonNeeded = semicolonNeeded;
  if (isFunctionBody) {
    semicolonNeeded = false;
  }
  for (let i = 0; i < nodes.length; i++) {
    const n = nodes[i];
    if (isStatementLike) {
      parentStatement = n;
    }
    if (visitStatementLike(n) === VISITED_JS) {
      semicolonNeeded = src.charCodeAt(n.end - 1) !== 59;
    }
  }
  parentStatement = previousParentStatement;
  if (isFunctionBody) {
    semicolonNeeded = previousSemicolonNeeded;
  }
  return semicolonNeeded ? VISITED_JS : VISIT_BLANKED;
}
function visitStatementLike(node) {
  const kind = node.kind;
  switch (kind) {
    case SK.ImportDeclaration:
      return visitImportDeclaration(node);
    case SK.ExportDeclaration:
      return visitExportDeclaration(node);
    case SK.ExportAssignment:
      return visitExportAssignment(node);
    case SK.ImportEqualsDeclaration:
      onError && onError(node);
      return VISITED_JS;
  }
  return innerVisitor(node, kind);
}
function visitor(node) {
  const r = innerVisitor(node, node.kind);
  if (r === VISITED_JS) semicolonNeeded = src.charCodeAt(node.end - 1) !== 59;
  return r;
}
function innerVisitor(node, kind) {
  switch (kind) {
    case SK.Identifier:
      return VISITED_JS;
    case SK.VariableDeclaration:
      return visitVariableDeclaration(node);
    case SK.VariableStatement:
      return visitVariableStatement(node);
    case SK.CallExpression:
    case SK.NewExpression:
      return visitCallOrNewExpression(node);
    case SK.TypeAliasDeclaration:
    case SK.InterfaceDeclaration:
      blankStatement(node);
      return VISIT_BLANKED;
    case SK.BinaryExpression:
      return visitBinaryExpression(node);
    case SK.ClassDeclaration:
    case SK.ClassExpression:
      return visitClassLike(node);
    case SK.ExpressionWithTypeArguments:
      return visitExpressionWithTypeArguments(node);
    case SK.PropertyDeclaration:
      return visitPropertyDeclaration(node);
    case SK.NonNullExpression:
      return visitNonNullExpression(node);
    case SK.SatisfiesExpression:
    case SK.AsExpression:
      return visitTypeAssertion(node);
    case SK.ArrowFunction:
    case SK.FunctionDeclaration:
    case SK.MethodDeclaration:
    case SK.Constructor:
    case SK.FunctionExpression:
    case SK.GetAccessor:
    case SK.SetAccessor:
      return visitFunctionLikeDeclaration(node, kind);
    case SK.EnumDeclaration:
      return visitEnum(node);
    case SK.ModuleDeclaration:
      return visitModule(node);
    case SK.IndexSignature:
      blankExact(node);
      return VISIT_BLANKED;
    case SK.TaggedTemplateExpression:
      return visitTaggedTemplate(node);
    case SK.TypeAssertionExpression:
      return visitLegacyTypeAssertion(node);
  }
  return node.forEachChild(visitor, visitUnknownNodeArray) || VISITED_JS;
}
function visitVariableStatement(node) {
  if (node.modifiers && modifiersContainsDeclare(node.modifiers)) {
    blankStatement(node);
    return VISIT_BLANKED;
  }
  node.forEachChild(visitor, visitUnknownNodeArray);
  return VISITED_JS;
}
function visitCallOrNewExpression(node) {
  visitor(node.expression);
  if (node.typeArguments) {
    blankGenerics(
      node,
      node.typeArguments,
      /*startWithParen*/
      false
    );
  }
  if (node.arguments) {
    const args = node.arguments;
    for (let i = 0; i < args.length; i++) {
      visitor(args[i]);
    }
  }
  return VISITED_JS;
}
function visitTaggedTemplate(node) {
  visitor(node.tag);
  if (node.typeArguments) {
    blankGenerics(
      node,
      node.typeArguments,
      /*startWithParen*/
      false
    );
  }
  visitor(node.template);
  return VISITED_JS;
}
function visitVariableDeclaration(node) {
  visitor(node.name);
  node.exclamationToken && blankExact(node.exclamationToken);
  node.type && blankTypeNode(node.type);
  if (node.initializer) {
    visitor(node.initializer);
  }
  return VISITED_JS;
}
function visitClassLike(node) {
  if (node.modifiers) {
    if (modifiersContainsDeclare(node.modifiers)) {
      blankStatement(node);
      return VISIT_BLANKED;
    }
    visitModifiers(
      node.modifiers,
      /* addSemi:*/
      false
    );
  }
  if (node.typeParameters && node.typeParameters.length) {
    blankGenerics(
      node,
      node.typeParameters,
      /*startWithParen*/
      false
    );
  }
  const { heritageClauses } = node;
  if (heritageClauses) {
    for (let i = 0; i < heritageClauses.length; i++) {
      const hc = heritageClauses[i];
      if (hc.token === SK.ImplementsKeyword) {
        blankExact(hc);
      } else if (hc.token === SK.ExtendsKeyword) {
        hc.forEachChild(visitor);
      }
    }
  }
  visitNodeArray(
    node.members,
    /* isStatementLike: */
    true,
    /* isFunctionBody: */
    false
  );
  return VISITED_JS;
}
function visitExpressionWithTypeArguments(node) {
  visitor(node.expression);
  if (node.typeArguments) {
    blankGenerics(
      node,
      node.typeArguments,
      /*startWithParen*/
      false
    );
  }
  return VISITED_JS;
}
var classElementModifiersToRemoveArray = [
  SK.AbstractKeyword,
  SK.DeclareKeyword,
  SK.OverrideKeyword,
  SK.PrivateKeyword,
  SK.ProtectedKeyword,
  SK.PublicKeyword,
  SK.ReadonlyKeyword
];
var classElementModifiersToRemove = new Set(classElementModifiersToRemoveArray);
function isRemovedModifier(kind) {
  return classElementModifiersToRemove.has(kind);
}
function visitModifiers(modifiers, addSemi) {
  for (let i = 0; i < modifiers.length; i++) {
    const modifier = modifiers[i];
    const kind = modifier.kind;
    if (isRemovedModifier(kind)) {
      if (addSemi && i === 0) {
        str.blankButStartWithSemi(modifier.getStart(ast), modifier.end);
        addSemi = false;
      } else {
        blankExact(modifier);
      }
      continue;
    } else if (kind === SK.Decorator) {
      visitor(modifier);
      continue;
    }
    if (true) continue;
    switch (kind) {
      case SK.ConstKeyword:
      case SK.DefaultKeyword:
      case SK.ExportKeyword:
      case SK.InKeyword:
      case SK.StaticKeyword:
      case SK.AccessorKeyword:
      case SK.AsyncKeyword:
      case SK.OutKeyword:
        continue;
      default:
        never(kind);
    }
  }
}
function visitPropertyDeclaration(node) {
  if (node.modifiers) {
    if (modifiersContainsAbstractOrDeclare(node.modifiers)) {
      blankStatement(node);
      return VISIT_BLANKED;
    }
    visitModifiers(
      node.modifiers,
      /* addSemi */
      node.name.kind === SK.ComputedPropertyName
    );
  }
  node.exclamationToken && blankExact(node.exclamationToken);
  node.questionToken && blankExact(node.questionToken);
  node.type && blankTypeNode(node.type);
  visitor(node.name);
  if (node.initializer) {
    visitor(node.initializer);
  }
  return VISITED_JS;
}
function visitNonNullExpression(node) {
  visitor(node.expression);
  str.blank(node.end - 1, node.end);
  return VISITED_JS;
}
function visitTypeAssertion(node) {
  if (assertionChainWouldChangeBinaryGrouping(node)) {
    onError && onError(node);
    return VISITED_JS;
  }
  const r = visitor(node.expression);
  const nodeEnd = node.end;
  if (parentStatement && nodeEnd === parentStatement.end && src.charCodeAt(nodeEnd) !== 59) {
    str.blankButStartWithSemi(node.expression.end, nodeEnd);
  } else {
    str.blank(node.expression.end, nodeEnd);
  }
  return r;
}
function visitLegacyTypeAssertion(node) {
  onError && onError(node);
  return visitor(node.expression);
}
function isAssertionExpression(node) {
  return node.kind === SK.AsExpression || node.kind === SK.SatisfiesExpression;
}
function visitBinaryExpression(node) {
  const opKind = node.operatorToken.kind;
  if (isNullishOrLogical(opKind)) {
    if (tslib.isBinaryExpression(node.right) && hasUnsafeNullishLogicalMix(opKind, node.right.operatorToken.kind) && isAssertionExpression(node.right.left)) {
      visitor(node.left);
      onError && onError(node.right.left);
      visitor(node.right.right);
      return VISITED_JS;
    }
    if (tslib.isBinaryExpression(node.left) && hasUnsafeNullishLogicalMix(opKind, node.left.operatorToken.kind) && isAssertionExpression(node.left.right)) {
      visitor(node.left.left);
      onError && onError(node.left.right);
      visitor(node.right);
      return VISITED_JS;
    }
  }
  visitor(node.left);
  visitor(node.right);
  return VISITED_JS;
}
function assertionChainWouldChangeBinaryGrouping(node) {
  let baseExpr = node.expression;
  while (isAssertionExpression(baseExpr)) {
    baseExpr = baseExpr.expression;
  }
  if (!tslib.isBinaryExpression(baseExpr)) {
    return false;
  }
  const nextToken = scanRange(node.end, ast.end, scanner.scan.bind(scanner));
  const basePrecedence = getBinaryOperatorPrecedence(baseExpr.operatorToken.kind);
  const nextPrecedence = getBinaryOperatorPrecedence(nextToken);
  if (basePrecedence === void 0 || nextPrecedence === void 0) {
    return false;
  }
  if (nextPrecedence > basePrecedence) {
    return true;
  }
  if (nextPrecedence === basePrecedence) {
    return baseExpr.operatorToken.kind === SK.AsteriskAsteriskToken || nextToken === SK.AsteriskAsteriskToken;
  }
  return false;
}
function getBinaryOperatorPrecedence(token) {
  switch (token) {
    case SK.AsteriskAsteriskToken:
      return 15;
    case SK.AsteriskToken:
    case SK.SlashToken:
    case SK.PercentToken:
      return 14;
    case SK.PlusToken:
    case SK.MinusToken:
      return 13;
    case SK.LessThanLessThanToken:
    case SK.GreaterThanGreaterThanToken:
    case SK.GreaterThanGreaterThanGreaterThanToken:
      return 12;
    case SK.LessThanToken:
    case SK.LessThanEqualsToken:
    case SK.GreaterThanToken:
    case SK.GreaterThanEqualsToken:
    case SK.InstanceOfKeyword:
    case SK.InKeyword:
      return 11;
    case SK.EqualsEqualsToken:
    case SK.ExclamationEqualsToken:
    case SK.EqualsEqualsEqualsToken:
    case SK.ExclamationEqualsEqualsToken:
      return 10;
    case SK.AmpersandToken:
      return 9;
    case SK.CaretToken:
      return 8;
    case SK.BarToken:
      return 7;
    case SK.AmpersandAmpersandToken:
      return 6;
    case SK.BarBarToken:
      return 5;
    case SK.QuestionQuestionToken:
      return 4;
    default:
      return void 0;
  }
}
function isNullishOrLogical(token) {
  return token === SK.QuestionQuestionToken || token === SK.BarBarToken || token === SK.AmpersandAmpersandToken;
}
function hasUnsafeNullishLogicalMix(left, right) {
  if (left === right) return false;
  if (left === SK.QuestionQuestionToken) return isNullishOrLogical(right);
  if (right === SK.QuestionQuestionToken) return isNullishOrLogical(left);
  return false;
}
var unsupportedParameterModifiers = /* @__PURE__ */ new Set([
  SK.PublicKeyword,
  SK.ProtectedKeyword,
  SK.PrivateKeyword,
  SK.ReadonlyKeyword
]);
function visitFunctionLikeDeclaration(node, kind) {
  if (!node.body) {
    if (node.modifiers && modifiersContainsDeclare(node.modifiers)) {
      blankStatement(node);
      return VISIT_BLANKED;
    }
    blankExact(node);
    return VISIT_BLANKED;
  }
  const nodeName = node.name;
  if (node.modifiers) {
    visitModifiers(
      node.modifiers,
      /* addSemi */
      !!nodeName && nodeName.kind === SK.ComputedPropertyName
    );
  }
  if (nodeName) {
    visitor(nodeName);
  }
  let moveOpenParen = false;
  const params = node.parameters;
  if (node.typeParameters && node.typeParameters.length) {
    moveOpenParen = spansLines(node.typeParameters.pos, params.pos);
    blankGenerics(node, node.typeParameters, moveOpenParen);
  }
  node.questionToken && blankExact(node.questionToken);
  if (moveOpenParen) {
    str.blank(params.pos - 1, params.pos);
  }
  for (let i = 0; i < params.length; i++) {
    const p = params[i];
    if (i === 0 && p.name.getText(ast) === "this") {
      blankExactAndOptionalTrailingComma(p);
      continue;
    }
    if (onError && p.modifiers) {
      for (let i2 = 0; i2 < p.modifiers.length; i2++) {
        const modifier = p.modifiers[i2];
        if (unsupportedParameterModifiers.has(modifier.kind)) {
          onError(modifier);
        }
      }
    }
    visitor(p.name);
    p.questionToken && blankExact(p.questionToken);
    p.type && blankTypeNode(p.type);
    p.initializer && visitor(p.initializer);
  }
  const returnType = node.type;
  const isArrow = kind === SK.ArrowFunction;
  if (returnType) {
    if (!isArrow || !spansLines(node.parameters.end, node.equalsGreaterThanToken.pos)) {
      blankTypeNode(returnType);
    } else {
      const paramEnd = getClosingParenthesisPos(node.parameters);
      str.blankButEndWithCloseParen(paramEnd - 1, returnType.getEnd());
    }
  }
  const body = node.body;
  if (body.kind === SK.Block) {
    visitNodeArray(
      body.statements,
      /* isStatementLike: */
      true,
      /* isFunctionBody: */
      true
    );
  } else {
    visitor(node.body);
  }
  return VISITED_JS;
}
function spansLines(a, b) {
  for (let i = a; i < b; i++) {
    if (src.charCodeAt(i) === 10) return true;
  }
  return false;
}
function visitImportDeclaration(node) {
  if (node.importClause) {
    if (node.importClause.isTypeOnly) {
      blankStatement(node);
      return VISIT_BLANKED;
    }
    const { namedBindings } = node.importClause;
    if (namedBindings && tslib.isNamedImports(namedBindings)) {
      const elements = namedBindings.elements;
      for (let i = 0; i < elements.length; i++) {
        const e = elements[i];
        e.isTypeOnly && blankExactAndOptionalTrailingComma(e);
      }
    }
  }
  return VISITED_JS;
}
function visitExportDeclaration(node) {
  if (node.isTypeOnly) {
    blankStatement(node);
    return VISIT_BLANKED;
  }
  const { exportClause } = node;
  if (exportClause && tslib.isNamedExports(exportClause)) {
    const elements = exportClause.elements;
    for (let i = 0; i < elements.length; i++) {
      const e = elements[i];
      e.isTypeOnly && blankExactAndOptionalTrailingComma(e);
    }
  }
  return VISITED_JS;
}
function visitExportAssignment(node) {
  if (node.isExportEquals) {
    onError && onError(node);
    return VISITED_JS;
  }
  visitor(node.expression);
  return VISITED_JS;
}
function visitModule(node) {
  if (
    // `declare global {...}
    node.flags & tslib.NodeFlags.GlobalAugmentation || // `namespace N {...}`
    node.flags & tslib.NodeFlags.Namespace && // `declare namespace N {...}`
    (node.modifiers && modifiersContainsDeclare(node.modifiers) || // `namespace N { <no values> }`
    !valueNamespaceWorker(node)) || // `declare module "./path" {...}`
    node.name.kind === SK.StringLiteral
  ) {
    blankStatement(node);
    return VISIT_BLANKED;
  } else {
    onError && onError(node);
    return VISITED_JS;
  }
}
function visitEnum(node) {
  if (node.modifiers && modifiersContainsDeclare(node.modifiers)) {
    blankStatement(node);
    return VISIT_BLANKED;
  } else {
    onError && onError(node);
    return VISITED_JS;
  }
}
function valueNamespaceWorker(node) {
  switch (node.kind) {
    case SK.TypeAliasDeclaration:
    case SK.InterfaceDeclaration:
      return false;
    case SK.ImportEqualsDeclaration: {
      const { modifiers } = node;
      return modifiers?.some((m) => m.kind === SK.ExportKeyword) || false;
    }
    case SK.ModuleDeclaration: {
      if (!(node.flags & tslib.NodeFlags.Namespace)) return true;
      const { body } = node;
      if (!body) return false;
      if (body.kind === SK.ModuleDeclaration) return valueNamespaceWorker(body);
      return body.forEachChild(valueNamespaceWorker) || false;
    }
  }
  return true;
}
function modifiersContainsDeclare(modifiers) {
  for (let i = 0; i < modifiers.length; i++) {
    const modifier = modifiers[i];
    if (modifier.kind === SK.DeclareKeyword) {
      return true;
    }
  }
  return false;
}
function modifiersContainsAbstractOrDeclare(modifiers) {
  for (let i = 0; i < modifiers.length; i++) {
    const modifierKind = modifiers[i].kind;
    if (modifierKind === SK.AbstractKeyword || modifierKind === SK.DeclareKeyword) {
      return true;
    }
  }
  return false;
}
function scanRange(start, end, callback) {
  return scanner.scanRange(
    start,
    /* length: */
    end - start,
    callback
  );
}
function endPosOfToken(token) {
  let first = true;
  let start = 0;
  while (true) {
    const next = scanner.scan();
    if (first) {
      start = scanner.getTokenStart();
      first = false;
    }
    if (next === token) break;
    if (next === SK.EndOfFileToken) {
      return start;
    }
  }
  return scanner.getTokenEnd();
}
function getGreaterThanToken() {
  return endPosOfToken(SK.GreaterThanToken);
}
function getClosingParen() {
  return endPosOfToken(SK.CloseParenToken);
}
function blankTypeNode(n) {
  str.blank(n.getFullStart() - 1, n.end);
}
function blankExact(n) {
  str.blank(n.getStart(ast), n.end);
}
function blankStatement(n) {
  if (semicolonNeeded) {
    str.blankButStartWithSemi(n.getStart(ast), n.end);
  } else {
    str.blank(n.getStart(ast), n.end);
  }
}
function blankExactAndOptionalTrailingComma(n) {
  scanner.resetTokenState(n.end);
  const trailingComma = scanner.scan() === SK.CommaToken;
  str.blank(n.getStart(ast), trailingComma ? scanner.getTokenEnd() : n.end);
}
function blankGenerics(node, arr, startWithParen) {
  const start = arr.pos - 1;
  const end = scanRange(arr.end, node.end, getGreaterThanToken);
  startWithParen ? str.blankButStartWithOpenParen(start, end) : str.blank(start, end);
}
function getClosingParenthesisPos(node) {
  return scanRange(node.length === 0 ? node.pos : node[node.length - 1].end, ast.end, getClosingParen);
}
function never(_n) {
  throw new Error("unreachable code was reached");
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  blankSourceFile
});
