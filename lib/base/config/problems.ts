import { ConfigError, type Problem } from "./errors";

/** What is wrong by a check that throws a ConfigError; any other error goes on. */
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
 * Runs every check, so that all that is wrong is said at once.
 *
 * @throws ConfigError with the problems of all of them, each once
 */
export function checkAll(where: string, checks: readonly (() => unknown)[]): void {
  const found = checks.flatMap((check) => problemsOf(check));
  const distinct = found.filter(
    (p, i) => found.findIndex((q) => q.path === p.path && q.message === p.message) === i,
  );
  if (distinct.length > 0) throw new ConfigError(where, distinct);
}
