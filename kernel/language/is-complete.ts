import ts from "typescript";
import { parseCell } from "./declarations";
import { commandIn } from "./diagnostics";
import type { Completeness } from "./language";

/** Returns whether a text can be run, or a console should ask for another line. */
export function isComplete(code: string, isJsx = false): Completeness {
  const source = parseCell(code, isJsx);
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
