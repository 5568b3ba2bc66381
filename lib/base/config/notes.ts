import { ConfigError, type Problem } from "./errors";

/** A problem or a remark on a configuration that is accepted, such as a key without effect, with its file. */
export interface Note extends Problem {
  /** The file or function that the configuration comes from. */
  readonly where: string;
}

/** Takes the notes on a configuration. */
export type TakeNote = (note: Note) => void;

/** Prints a note as a warning. */
export const warn: TakeNote = ({ where, path, message }) => {
  console.warn(`${where}: ${path ? `${path}: ` : ""}${message}`);
};

/** Returns the notes without repetitions in other files. The first note of each kind says how many other files it concerns. */
export function withoutRepetitions(notes: readonly Note[]): Note[] {
  const kinds = new Map<string, Note[]>();
  for (const note of notes) {
    const kind = `${note.path}\n${note.message}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), note]);
  }
  return [...kinds.values()].map(([first, ...others]) => {
    const count = others.length;
    const more = count === 0 ? "" : ` (the same in ${count} other file${count > 1 ? "s" : ""})`;
    return { ...first!, message: `${first!.message}${more}` };
  });
}

/**
 * Runs a check, and adds the problems of its ConfigError to `found` instead of throwing it.
 *
 * @returns the result, or undefined when the check fails
 */
export function attempt<T>(found: Note[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    found.push(...error.problems.map((problem) => ({ where: error.where, ...problem })));
    return undefined;
  }
}

/**
 * Throws the problems that checks of several files have found, if there are any.
 *
 * @param where the file, or the command, that the error is named after when several files have problems
 */
export function throwFound(found: readonly Note[], where: string): void {
  const files = [...new Set(found.map((problem) => problem.where))];
  const [file, ...others] = files;
  if (file === undefined) return;
  if (others.length > 0) throw new ConfigError(where, found);
  throw new ConfigError(
    file,
    found.map(({ path, message }) => ({ path, message })),
  );
}
