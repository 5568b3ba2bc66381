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
export const shortenList = (lines: readonly string[]): string[] =>
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
