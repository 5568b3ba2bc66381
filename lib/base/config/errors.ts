/** The number of characters that are shown of one word, and of one problem's text. */
const WORD = 200;
const TEXT = 2000;
/** The number of problems that are listed; the message counts the others. */
const PROBLEMS = 50;

const LONG_WORD = new RegExp(`\\S{${WORD + 1},}`, "g");

/** Shortens text for an error message: a long word is cut to its beginning, a long text to its beginning and end. */
export function shorten(text: string): string {
  const words = text.replace(
    LONG_WORD,
    (word) =>
      `${word.slice(0, WORD / 2)}… (${word.length} characters)${/[":,;)\]]*$/.exec(word)![0].slice(0, 3)}`,
  );
  if (words.length <= TEXT) return words;
  const left = words.length - TEXT;
  return `${words.slice(0, TEXT - 300)} … (${left} characters left out) … ${words.slice(-300)}`;
}

/** Returns the first lines, followed by the number of omitted ones. */
const shortenList = (lines: readonly string[]): string[] =>
  lines.length <= PROBLEMS
    ? [...lines]
    : [...lines.slice(0, PROBLEMS), `and ${lines.length - PROBLEMS} more problems`];

/** Formats a value as JSON of at most `room` characters. It reads only the part of the value that is shown. */
export function briefJson(value: unknown, room = 80): string {
  let text = "";
  const write = (part: string) => {
    text += part;
    return text.length <= room;
  };
  const visit = (inner: unknown, depth: number): boolean => {
    if (typeof inner === "string") return write(JSON.stringify(inner.slice(0, room)));
    if (typeof inner !== "object" || inner === null)
      return write(typeof inner === "number" ? String(inner) : (JSON.stringify(inner) ?? String(inner)));
    if (depth > room) return write("…");
    const isList = Array.isArray(inner);
    if (!write(isList ? "[" : "{")) return false;
    let first = true;
    for (const key in inner) {
      const lead = `${first ? "" : ","}${isList ? "" : `${JSON.stringify(key.slice(0, room))}:`}`;
      if (!write(lead) || !visit((inner as Record<string, unknown>)[key], depth + 1)) return false;
      first = false;
    }
    return write(isList ? "]" : "}");
  };
  visit(value, 0);
  return text.length > room ? `${text.slice(0, room)}…` : text;
}

/** One thing that is wrong in a configuration or a file: where, and what to do about it. */
export interface Problem {
  /** The file, when it is not that of the error. */
  where?: string;
  /** Dotted key path inside the file, such as `convnet.params.channels.0`; empty for the file as a whole. */
  path: string;
  /** The message: it says what was found, what is allowed, and what to do. */
  message: string;
}

/**
 * Bad input from a person: a configuration, an option, a file. It carries every problem found, so that all of them can be fixed at once.
 * Show its message without a stack trace.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  /**
   * @param where the file (or the function, for options given in code) that holds the problems
   * @param problems at least one
   */
  constructor(
    readonly where: string,
    readonly problems: readonly Problem[],
    options?: ErrorOptions,
  ) {
    super(wording(where, problems), options);
  }
}

/** Formats problems as the text of the error message. Its length is bounded for any input. */
function wording(where: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ where: file = where, path, message }) =>
    shorten([...(file === where ? [] : [file]), ...(path ? [path] : []), message].join(": ")),
  );
  const file = where === "" ? '""' : shorten(where);
  return lines.length === 1
    ? `${file}: ${lines[0]}`
    : [`${file}:`, ...shortenList(lines).map((l) => `  - ${l}`)].join("\n");
}

/** Returns the problems of the ConfigError that a check throws. Other errors are rethrown. */
export function problemsOf(check: () => unknown): readonly Problem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/**
 * Returns the result of a function, whose RangeErrors become problems of a file.
 *
 * @param path the part of the file
 */
export function rangeErrorsAs<Result>(where: string, path: string, make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(where, [{ path, message: cause.message }], { cause });
  }
}

/**
 * Runs every check and reports all problems together.
 *
 * @throws ConfigError with the problems of all checks, without duplicates
 */
export function checkAll(where: string, checks: readonly (() => unknown)[]): void {
  const found = checks.flatMap((check) => problemsOf(check));
  const distinct = found.filter(
    (p, i) => found.findIndex((q) => q.path === p.path && q.message === p.message) === i,
  );
  if (distinct.length > 0) throw new ConfigError(where, distinct);
}

/** Returns the edit distance (insertions, deletions, substitutions) between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Longer words, in characters, get no suggestion. */
const LONGEST = 100;

/** Returns the nearest allowed word when `word` looks like a misspelling of it, else undefined. */
function nearest(word: string, allowed: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const scored = allowed.map((candidate) => ({
    candidate,
    d: distance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  scored.sort((x, y) => x.d - y.d);
  const best = scored[0];
  return best && best.d <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** Returns a message such as `"resnt" is not one of: cnn, resnet (did you mean "resnet"?)` */
export function notOneOf(word: string, allowed: readonly string[]): string {
  const guess = nearest(word, allowed);
  const hint = guess ? ` (did you mean "${guess}"?)` : "";
  return `"${word}" is not one of: ${allowed.join(", ")}${hint}`;
}
