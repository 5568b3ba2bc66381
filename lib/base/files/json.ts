/** What a text says as JSON; undefined for one that is something else, or was cut off. */
export function fromJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
