import * as ts from "typescript";
import { parseCell } from "./declarations";
import { commandIn } from "./diagnostics";
import type { CellHost } from "./host";
import { type Completeness, type Completions, OWN, RUNTIME } from "./language";

/**
 * Returns the completions at the cursor, likely names first.
 *
 * @param base where the code starts in the current cell
 */
export function complete(
  { service, cell }: CellHost,
  code: string,
  cursor: number,
  base: number,
): Completions {
  const offset = toUnits(code, cursor);
  const before = code.slice(0, offset);
  const found = service.getCompletionsAtPosition(cell, base + offset, {
    includeCompletionsWithSnippetText: false,
  });
  const word = /[\p{ID_Continue}$]*$/u.exec(before)![0];
  const span = found?.entries.find((entry) => entry.replacementSpan)?.replacementSpan;
  const start = span ? span.start - base : offset - word.length;
  const typed = code.slice(start, offset).toLowerCase();
  const entries = withOwn(found?.entries ?? [])
    .filter(({ name }) => name.toLowerCase().startsWith(typed) && !isHidden(name, typed))
    .sort((a, b) => order(a).localeCompare(order(b)) || a.name.localeCompare(b.name));
  const from = toPoints(code, start);
  const types = entries.map(({ name, kind }) => ({
    text: name,
    type: TYPES[kind] ?? kind,
    start: from,
    end: cursor,
  }));
  return {
    matches: entries.map(({ name }) => name),
    cursor_start: from,
    cursor_end: cursor,
    // JupyterLab's icons: https://jupyterlab.readthedocs.io/en/stable/user/completer.html
    metadata: { _jupyter_types_experimental: types },
    isOpen: isOpen(service.getProgram()!, cell, base + start - 1),
  };

  /** Orders the notebook's declarations before the language's, with keywords last. */
  function order({ sortText, kind }: ts.CompletionEntry): string {
    return kind === ts.ScriptElementKind.keyword ? `9${sortText}` : sortText;
  }
}

/** Whether the type of the value before a dot leaves members open. @param dot its position */
function isOpen(program: ts.Program, cell: string, dot: number): boolean {
  const visit = (node: ts.Node): ts.Node | undefined =>
    ts.forEachChild(node, (child) =>
      child.pos <= dot && dot < Math.max(child.end, child.pos + 1) ? (visit(child) ?? child) : undefined,
    );
  let node = visit(program.getSourceFile(cell)!);
  while (node && !(ts.isPropertyAccessExpression(node) && node.expression.end <= dot)) node = node.parent;
  if (!node) return false;
  const type = program.getTypeChecker().getTypeAtLocation((node as ts.PropertyAccessExpression).expression);
  return (type.flags & ts.TypeFlags.Any) !== 0 || type.getStringIndexType() !== undefined;
}

/** Whether a name is the kernel's, or internal by its underscore, which the author has not typed. */
const isHidden = (name: string, typed: string) =>
  name.startsWith(RUNTIME) || (name.startsWith("_") && !typed.startsWith("_"));

/** Among packages the kernel's own, too: TypeScript offers a project's dependencies. */
function withOwn(entries: ts.CompletionEntry[]): ts.CompletionEntry[] {
  const kind = ts.ScriptElementKind.externalModuleName;
  const sortText = entries.find((one) => one.kind === kind)?.sortText;
  if (!sortText) return entries;
  const missing = OWN.filter((own) => !entries.some(({ name }) => name === own));
  return [...entries, ...missing.map((name) => ({ name, kind, sortText }))];
}

/** TypeScript's kinds in the words that JupyterLab has icons for. */
const TYPES: Partial<Record<string, string>> = {
  [ts.ScriptElementKind.alias]: "module",
  [ts.ScriptElementKind.constElement]: "constant",
  [ts.ScriptElementKind.letElement]: "variable",
  [ts.ScriptElementKind.variableElement]: "variable",
  [ts.ScriptElementKind.memberFunctionElement]: "method",
  [ts.ScriptElementKind.memberVariableElement]: "property",
  [ts.ScriptElementKind.memberGetAccessorElement]: "property",
};

/** Returns whether a text can be run, or a console should ask for another line. */
export function isComplete(code: string): Completeness {
  const source = parseCell(code);
  const { tokens, end } = scan(code);
  if (!source.parseDiagnostics.length) return { status: "complete" };
  const isOpen = source.parseDiagnostics.every(
    ({ code, start }) => OPEN.has(code) || (start >= end && code !== UNTERMINATED_STRING),
  );
  if (!isOpen || commandIn(code)) return { status: "invalid" };
  let depth = 0;
  for (const token of tokens)
    depth = Math.max(0, depth + (OPENING.has(token) ? 1 : CLOSING.has(token) ? -1 : 0));
  return { status: "incomplete", indent: "  ".repeat(depth) };
}

/** Errors after which the text may continue in the next line: a comment, a template. */
const OPEN = new Set([1010, 1160]);

/** A string must end in its own line. */
const UNTERMINATED_STRING = 1002;

const OPENING = new Set([
  ts.SyntaxKind.OpenBraceToken,
  ts.SyntaxKind.OpenParenToken,
  ts.SyntaxKind.OpenBracketToken,
]);
const CLOSING = new Set([
  ts.SyntaxKind.CloseBraceToken,
  ts.SyntaxKind.CloseParenToken,
  ts.SyntaxKind.CloseBracketToken,
]);

/** Returns the tokens of a text, and the position where the last one ends. Comments behind it are ignored. */
function scan(code: string): { tokens: ts.SyntaxKind[]; end: number } {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, code);
  const tokens: ts.SyntaxKind[] = [];
  let end = 0;
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    tokens.push(token);
    end = scanner.getTokenEnd();
  }
  return { tokens, end };
}

/** Jupyter counts a cell's text in Unicode code points, JavaScript in UTF-16 units. */
export const toUnits = (code: string, points: number): number => [...code].slice(0, points).join("").length;

const toPoints = (code: string, units: number): number => [...code.slice(0, units)].length;
