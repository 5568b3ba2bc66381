import { existsSync } from "node:fs";
import type { Debugger } from "node:inspector";
import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../lib/base/files/package";
import { originalPlace } from "../language/runtime/stacks";
import { cellPath } from "./cell-path";

/** A position in a cell or in a file. Lines and columns count from 1. */
export interface Place {
  /** The name to show: `cell 3`, or the path of a file. */
  name: string;
  path: string;
  line: number;
  column: number;
}

/** A script of the user that V8 has compiled: a run of a cell, or a module. */
export class UserScript {
  constructor(
    readonly id: string,
    readonly name: string,
    readonly path: string,
    /** The text that the author wrote; undefined if it is the file's. */
    readonly text: string | undefined,
    /** The source map; undefined for JavaScript that runs as it was written. */
    private readonly map: SourceMap | undefined,
  ) {}

  /** Returns the author's position; undefined for code that the compiler has added. @param line from 0 @param column from 0 */
  place(line: number, column: number): Place | undefined {
    const { name, path, map } = this;
    if (!map) return { name, path, line: line + 1, column: column + 1 };
    const place = originalPlace(map, line, column);
    return place && { name, path, line: place.line + 1, column: place.column + 1 };
  }
}

/** The user's scripts. Every script of V8 has its source map with it (language/runtime/stacks.ts). */
export class Scripts {
  private readonly scripts = new Map<string, UserScript>();

  /** Adds a script. @returns undefined for scripts of Node, of packages and of the kernel, and for code without a file */
  add({ scriptId: id, url, sourceMapURL }: Debugger.ScriptParsedEventDataType): UserScript | undefined {
    const script = CELL.test(url) ? cellScript(id, url, sourceMapURL) : moduleScript(id, url, sourceMapURL);
    if (script) this.scripts.set(id, script);
    return script;
  }

  get(id: string): UserScript | undefined {
    return this.scripts.get(id);
  }

  /** Returns all scripts from one text, such as the runs of a cell. */
  from(path: string): UserScript[] {
    return [...this.scripts.values()].filter((script) => script.path === path);
  }

  /** Returns the paths of the user's modules. */
  modules(): string[] {
    const modules = [...this.scripts.values()].filter(({ name }) => !CELL.test(name));
    return [...new Set(modules.map(({ path }) => path))];
  }

  clear(): void {
    this.scripts.clear();
  }
}

/** The names that `cellName` gives to cells. */
const CELL = /^(unstored )?cell \d+$/;
const DATA = "data:application/json;base64,";

function cellScript(id: string, name: string, url: string | undefined): UserScript | undefined {
  const payload = payloadOf(url);
  const [text] = payload?.sourcesContent ?? [];
  return payload && text !== undefined
    ? new UserScript(id, name, cellPath(text), text, new SourceMap(payload))
    : undefined;
}

function moduleScript(id: string, url: string, sourceMapURL: string | undefined): UserScript | undefined {
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  if (!path.startsWith(sep) || isLibrary(path) || !existsSync(path)) return undefined;
  const payload = /\.([cm]?ts|[jt]sx)$/.test(path) ? payloadOf(sourceMapURL) : undefined;
  return new UserScript(id, path, path, undefined, payload && new SourceMap(payload));
}

function payloadOf(url: string | undefined): SourceMapPayload | undefined {
  if (!url?.startsWith(DATA)) return undefined;
  return JSON.parse(Buffer.from(url.slice(DATA.length), "base64").toString()) as SourceMapPayload;
}

const OWN = ["dist", "kernel", "lib", "vendor"].map((folder) => resolve(packageRoot(), folder) + sep);

const isLibrary = (path: string) =>
  path.includes(`${sep}node_modules${sep}`) || OWN.some((folder) => path.startsWith(folder));

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** Patterns of scripts in which the debugger does not stop when it steps: Node, packages and the kernel. */
export const LIBRARIES = [
  "^node:",
  "/node_modules/",
  ...OWN.map((folder) => `^(file://)?${escaped(folder)}`),
];
