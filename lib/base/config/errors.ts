import { shorten, shortenList } from "./shorten";

/** One thing that is wrong in a configuration or a file: where, and what to do about it. */
export interface Problem {
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
  const lines = problems.map(({ path, message }) => shorten(path ? `${path}: ${message}` : message));
  const file = shorten(where);
  return lines.length === 1
    ? `${file}: ${lines[0]}`
    : [`${file}:`, ...shortenList(lines).map((l) => `  - ${l}`)].join("\n");
}
