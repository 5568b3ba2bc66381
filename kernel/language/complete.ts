import ts from "typescript";
import type { CellHost } from "./host";
import type { Importable } from "./imports";
import { type Completions, type Match, OWN, RUNTIME } from "./language";
import { pathsAt } from "./paths";
import { hasOpenMembers, namesOfKernels, valueBefore } from "./value-before";

/**
 * Returns the completions at the cursor, likely names first: the names that TypeScript knows, then names that an import would bring. In a
 * string, these are the values of its type, or else the paths of files.
 *
 * @param base where the code starts in the current cell
 * @param importable the names that an import would bring
 */
export function complete(
  host: CellHost,
  code: string,
  cursor: number,
  base: number,
  importable: Importable,
): Completions {
  const { service, cell } = host;
  const offset = toUnits(code, cursor);
  const before = code.slice(0, offset);
  const found = service.getCompletionsAtPosition(cell, base + offset, {
    includeCompletionsWithSnippetText: false,
  });
  const word = /[\p{ID_Continue}$]*$/u.exec(before)![0];
  const span = found?.entries.find((entry) => entry.replacementSpan)?.replacementSpan;
  const start = span ? span.start - base : offset - word.length;
  const program = service.getProgram()!;
  const source = program.getSourceFile(cell)!;
  const value = valueBefore(source, base + start - 1);
  const entries = found?.entries ?? [];
  const matches = known(entries, code.slice(start, offset), value ? namesOfKernels(value, program) : NONE);
  const paths = matches.length ? undefined : pathsAt(source, base + offset, host.folder);
  if (paths) return completions(paths.matches, code, offset - paths.typed.length, cursor);
  // Only at a place for any name: TypeScript offers the global names there.
  const brought = found?.isGlobalCompletion && word ? importable.offer(word, entries, program) : [];
  const isOpen = value !== undefined && hasOpenMembers(value, program);
  return { ...completions([...matches, ...brought], code, start, cursor), isOpen };
}

function completions(matches: readonly Match[], code: string, start: number, cursor: number): Completions {
  const from = toPoints(code, start);
  return {
    matches: matches.map(({ name }) => name),
    cursor_start: from,
    cursor_end: cursor,
    // JupyterLab's icons: https://jupyterlab.readthedocs.io/en/stable/user/completer.html
    metadata: {
      _jupyter_types_experimental: matches.map(({ name, type }) => ({
        text: name,
        type,
        start: from,
        end: cursor,
      })),
    },
  };
}

/** Returns the names of TypeScript's completions that begin with the typed text. */
function known(entries: readonly ts.CompletionEntry[], text: string, hidden: ReadonlySet<string>): Match[] {
  const typed = text.toLowerCase();
  return withOwn(entries)
    .filter(({ name }) => name.toLowerCase().startsWith(typed) && !hidden.has(name) && !isHidden(name, typed))
    .sort((a, b) => order(a).localeCompare(order(b)) || a.name.localeCompare(b.name))
    .map(({ name, kind }) => ({ name, type: TYPES[kind] ?? kind }));
}

/** Orders the notebook's declarations before the language's, with keywords last. */
const order = ({ sortText, kind }: ts.CompletionEntry): string =>
  kind === ts.ScriptElementKind.keyword ? `9${sortText}` : sortText;

const NONE: ReadonlySet<string> = new Set();

/** Whether a name is the kernel's, or internal by its underscore, which the author has not typed. */
const isHidden = (name: string, typed: string) =>
  name.startsWith(RUNTIME) || (name.startsWith("_") && !typed.startsWith("_"));

/** Among packages the kernel's own, too: TypeScript offers a project's dependencies. */
function withOwn(entries: readonly ts.CompletionEntry[]): readonly ts.CompletionEntry[] {
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

/** Jupyter counts a cell's text in Unicode code points, JavaScript in UTF-16 units. */
export const toUnits = (code: string, points: number): number => [...code].slice(0, points).join("").length;

const toPoints = (code: string, units: number): number => [...code.slice(0, units)].length;
