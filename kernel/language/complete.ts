import * as ts from "typescript";
import { toPoints, toUnits } from "./cursor";
import type { CellHost } from "./host";
import type { Completions } from "./language";
import { OWN } from "./own-package";
import { RUNTIME } from "./runtime/name";

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
    .filter(({ name }) => name.toLowerCase().startsWith(typed) && !name.startsWith(RUNTIME))
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
  };

  /** Orders the notebook's declarations before the language's, with keywords last. */
  function order({ sortText, kind }: ts.CompletionEntry): string {
    return kind === ts.ScriptElementKind.keyword ? `9${sortText}` : sortText;
  }
}

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
