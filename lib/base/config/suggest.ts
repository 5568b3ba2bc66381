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
