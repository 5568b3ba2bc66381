import { ConfigError, type Problem } from "./errors";

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
