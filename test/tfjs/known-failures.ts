/** Tests that fail, by name, and why. Whatever fails beside them, or is listed and passes, fails the run. */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {};
