/** A piece of a progress line. */
export interface LinePart {
  text: string;
  /** Importance: the part with the highest rank is omitted first. The first part of a line has rank 0 and always stays. */
  rank: number;
}

/** The separator between two parts. */
const GAP = "  ";

/**
 * Joins parts into one line in the given order, and omits the least important ones when they do not fit.
 *
 * @param width the maximum number of columns; Infinity for no limit
 */
export function fitLine(parts: readonly LinePart[], width: number): string {
  const kept = new Set<LinePart>();
  let used = -GAP.length;
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const longer = used + GAP.length + part.text.length;
    if (part.text === "" || (longer > width && kept.size > 0)) continue;
    kept.add(part);
    used = longer;
  }
  return shorten(
    parts
      .filter((part) => kept.has(part))
      .map(({ text }) => text)
      .join(GAP),
    width,
  );
}

/** Cuts a text that is longer than `width` columns and marks the cut with `…`. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Returns a progress bar of `width` characters with its percentage. @param share from 0 to 1 */
export function bar(share: number, width: number): string {
  const within = Math.min(1, Math.max(0, share));
  const full = Math.round(within * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${Math.round(100 * within)}%`;
}

/** Formats a duration in seconds, such as `1 h 4 min`, `2 min 5 s`, `8 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
