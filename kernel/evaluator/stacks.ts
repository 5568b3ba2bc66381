import { SourceMap, type SourceMapPayload } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

const maps = new Map<string, SourceMap>();
const sources = new Map<string, string[]>();

/** Frames of these say nothing about a cell. */
const HIDDEN = [`${__dirname.slice(0, __dirname.lastIndexOf(sep))}${sep}`, "node:"];

/** From here on stacks of errors show the lines of cells, as they were typed. */
export function mapStacks(): void {
  Error.prepareStackTrace = (error: unknown, frames) => {
    const lines = frames.map(describe).filter((line) => line !== undefined);
    // The call of the cell's own function, at the end of what it was compiled to.
    if (frames.at(-1)?.getFunctionName() === null && /^cell \d+$/.test(frames.at(-1)?.getFileName() ?? ""))
      lines.pop();
    return [headline(error), ...lines.map((line) => `    at ${line}`)].join("\n");
  };
}

/** @param map of the compiled script named `file` */
export function rememberCell(file: string, map: object, code: string): void {
  maps.set(file, new SourceMap(map as SourceMapPayload));
  sources.set(file, code.split("\n"));
}

/** The line of a cell, from 1. */
export const sourceLine = (file: string, line: number): string | undefined => sources.get(file)?.[line - 1];

function headline(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function describe(frame: NodeJS.CallSite): string | undefined {
  const file = frame.getFileName() ?? frame.getEvalOrigin();
  if (!file) return undefined;
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  if (HIDDEN.some((start) => path.startsWith(start))) return undefined;
  const place = original(path, frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1);
  if (!place) return undefined;
  const name = frame.getFunctionName();
  const type = frame.isToplevel() || frame.isConstructor() ? "" : typeName(frame);
  const called =
    name && `${frame.isAsync() ? "async " : ""}${frame.isConstructor() ? "new " : ""}${type}${name}`;
  return called ? `${called} (${place})` : place;
}

function typeName(frame: NodeJS.CallSite): string {
  const type = frame.getTypeName();
  return !type || type === "Object" || frame.getFunctionName()?.includes(".") ? "" : `${type}.`;
}

/** `file:line:column`; undefined for code that the compiler added. */
function original(file: string, line: number, column: number): string | undefined {
  const map = maps.get(file) ?? moduleMap(file);
  if (!map) return `${file}:${line}:${column}`;
  const found = map.findEntry(line - 1, column - 1);
  if (!("originalLine" in found)) return undefined;
  return `${file}:${found.originalLine + 1}:${found.originalColumn + 1}`;
}

/** Of the user's modules, whose compiled script has its map at its end. */
let moduleMap: (file: string) => SourceMap | undefined = () => undefined;

export function mapModules(find: (file: string) => object | undefined): void {
  const known = new Map<object, SourceMap>();
  moduleMap = (file) => {
    const map = find(file);
    if (!map) return undefined;
    if (!known.has(map)) known.set(map, new SourceMap(map as SourceMapPayload));
    return known.get(map);
  };
}
