/** Parses a text as JSON; returns undefined when it is not valid JSON or is truncated. */
export function fromJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
