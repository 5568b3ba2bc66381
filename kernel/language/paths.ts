import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type ts from "typescript";
import { isStringLiteralLike } from "typescript";
import type { Match } from "./language";
import { nodeAt } from "./value-before";

/** The most paths that are offered. */
const MOST = 500;

/**
 * Returns the files and folders that continue the path in the string at a position, folders with a slash. Hidden ones are offered when
 * their dot is typed.
 *
 * @param folder the folder that relative paths start from
 * @returns undefined outside of a string
 */
export function pathsAt(
  source: ts.SourceFile,
  position: number,
  folder: string,
): { matches: Match[]; typed: string } | undefined {
  const node = nodeAt(source, position - 1);
  if (!node || !isStringLiteralLike(node)) return undefined;
  const from = node.getStart(source) + 1;
  const isBehind = position < from || (position === node.end && !node.isUnterminated);
  if (isBehind) return undefined;
  const [, parent = "", typed = ""] = /^(.*\/)?([^/]*)$/s.exec(source.text.slice(from, position))!;
  const place = resolve(folder, parent);
  const wanted = typed.toLowerCase();
  const matches = namesIn(place)
    .filter((name) => name.toLowerCase().startsWith(wanted) && (!name.startsWith(".") || typed !== ""))
    // Other names would have to be escaped.
    .filter((name) => !/["'`\\]/.test(name))
    .slice(0, MOST)
    .map((name) => shown(join(place, name), name));
  return { matches, typed };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function shown(path: string, name: string): Match {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? { name: `${name}/`, type: "folder" } : { name, type: "file" };
}
