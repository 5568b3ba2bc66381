import ts from "typescript";
import { toUnits } from "./complete";
import type { CellHost } from "./host";

/**
 * Returns the type and documentation of the name at the cursor, or of the function whose arguments the cursor is in.
 *
 * @param detail 0: the first paragraph of the documentation; 1: all of it, with parameters
 * @param base where the code starts in the current cell
 * @param importOf returns the import that brings a name
 */
export function inspect(
  { service, cell }: CellHost,
  code: string,
  cursor: number,
  detail: 0 | 1,
  base: number,
  importOf: (name: string) => string | undefined,
): Record<string, string> | undefined {
  const offset = toUnits(code, cursor);
  // A cursor directly behind a name counts as on the name.
  const at = [offset, offset - 1].find((i) => /[\p{ID_Continue}$]/u.test(code[i] ?? ""));
  const info = at === undefined ? undefined : about(service, cell, base + at);
  const found = info
    ? { type: text(info.displayParts), docs: text(info.documentation), tags: info.tags }
    : signature(service, cell, base + offset);
  if (!found?.type) return undefined;
  const declared = found.type.replace(/^\(alias\) (function )?/, "").replace(/\n(import|export) [^\n]+$/, "");
  const brought = /^(\(alias\)|import) /.test(found.type) ? importOf(wordAt(code, at!)) : undefined;
  // TypeScript describes a namespace only by its import.
  const type = [declared.startsWith("import ") && brought ? "" : declared, brought]
    .filter(Boolean)
    .join("\n");
  const docs = detail ? found.docs : found.docs.split(/\n\s*\n/)[0]!;
  const tags = detail ? (found.tags ?? []) : [];
  const parts = (open: string, close: string, tag: (name: string, words: string) => string) =>
    [`${open}${type}${close}`, docs, tags.map((one) => tag(one.name, text(one.text))).join("\n")].filter(
      Boolean,
    );
  return {
    "text/plain": parts("", "", (name, words) => `@${name} ${words}`.trimEnd()).join("\n\n"),
    "text/markdown": parts("```typescript\n", "\n```", (name, words) =>
      `- *${name}* ${words}`.trimEnd(),
    ).join("\n\n"),
  };
}

/** Returns the name around a position. */
function wordAt(code: string, position: number): string {
  const [before] = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, position))!;
  const [behind] = /^[\p{ID_Continue}$]*/u.exec(code.slice(position))!;
  return before + behind;
}

/** Returns the information about a position. A single name is read as a value first, and may also be a type. */
function about(service: ts.LanguageService, cell: string, at: number): ts.QuickInfo | undefined {
  const info = service.getQuickInfoAtPosition(cell, at);
  if (!info || info.kind !== ts.ScriptElementKind.unknown) return info;
  const program = service.getProgram()!;
  const source = program.getSourceFile(cell)!;
  const { start, length } = info.textSpan;
  const name = source.text.slice(start, start + length);
  const types = program
    .getTypeChecker()
    .getSymbolsInScope(source, ts.SymbolFlags.Type | ts.SymbolFlags.Alias);
  const declaration = types.find((one) => one.name === name)?.declarations?.[0];
  const named = declaration && ts.getNameOfDeclaration(declaration);
  return named && service.getQuickInfoAtPosition(named.getSourceFile().fileName, named.getStart());
}

function signature(service: ts.LanguageService, cell: string, offset: number) {
  const help = service.getSignatureHelpItems(cell, offset, undefined);
  const item = help?.items[help.selectedItemIndex];
  if (!item) return undefined;
  const separator = text(item.separatorDisplayParts);
  const parameters = item.parameters.map(({ displayParts }) => text(displayParts)).join(separator);
  return {
    type: text(item.prefixDisplayParts) + parameters + text(item.suffixDisplayParts),
    docs: text(item.documentation),
    tags: item.tags,
  };
}

const text = (parts: ts.SymbolDisplayPart[] | undefined) => ts.displayPartsToString(parts);

/** The name that a cell asks about: `name?`, `?name`, or with two question marks for all of its documentation. */
export function helpQuery(code: string): { name: string; detail: 0 | 1 } | undefined {
  const [, before, name, behind] =
    /^\s*(\?{0,2})\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*(\?{0,2});?\s*$/u.exec(code) ?? [];
  const marks = Math.max(before?.length ?? 0, behind?.length ?? 0);
  return marks ? { name: name!, detail: marks === 2 ? 1 : 0 } : undefined;
}
