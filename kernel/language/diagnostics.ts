import * as ts from "typescript";
import type { Diagnostic } from "./language";

/** What is right in a module and wrong of a cell, whose names later cells use. */
const NOT_FOR_CELLS = new Set([
  7016, // a package without types
  7005, // `let x;` that a later cell gives its value
  7034,
]);

/** What is wrong with a cell, in its lines. */
export function readable(found: readonly ts.Diagnostic[], code: string): Diagnostic[] {
  const lines = code.split(/\r?\n/);
  return found
    .filter((one) => one.category === ts.DiagnosticCategory.Error && !NOT_FOR_CELLS.has(one.code))
    .filter(({ start }) => start === undefined || start <= code.length)
    .map((one) => {
      const { line, character } = one.file
        ? ts.getLineAndCharacterOfPosition(one.file, one.start ?? 0)
        : { line: 0, character: 0 };
      const source = lines[line] ?? "";
      return {
        line: line + 1,
        column: character + 1,
        length: Math.max(1, Math.min(one.length ?? 1, source.length - character)),
        code: one.code,
        message: wording(one),
        source,
      };
    });
}

function wording(one: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(one.messageText, "\n");
  // A name of an earlier cell is an import to TypeScript, not to its author.
  return one.code === 2632 ? text.replace("it is an import", "it is a constant of an earlier cell") : text;
}
