import type { SourceMapPayload } from "node:module";
import { MappedPrinter, type Origin } from "./mapped-printer";

/** A range of a text that is replaced by another text. */
interface Edit {
  start: number;
  end: number;
  text: string;
  /** The order of edits. At one position, insertions that belong to what precedes come first. */
  key: number;
  /** Whether the new text has the place of the old one in the source. Other text has no place there. */
  isMapped: boolean;
}

/** A range of a text: its first position, and the position behind its last one. */
export type Part = readonly [start: number, end: number];

/**
 * Edits of a text, which otherwise stays as it is. Edits do not overlap. Of insertions at one position, the one that encloses the others is
 * added first.
 */
export class Edits {
  private readonly opening: Edit[] = [];
  private readonly closing: Edit[] = [];

  constructor(readonly text: string) {}

  replace(start: number, end: number, text: string): void {
    this.opening.push({ start, end, text, key: 2 * start + 1, isMapped: true });
  }

  /** Inserts a text that belongs to what follows it. */
  insertBefore(position: number, text: string): void {
    this.opening.push({ start: position, end: position, text, key: 2 * position + 1, isMapped: false });
  }

  /** Inserts a text that belongs to what precedes it. */
  insertAfter(position: number, text: string): void {
    this.closing.push({ start: position, end: position, text, key: 2 * position, isMapped: false });
  }

  /**
   * Prints parts of the edited text in any order, and new texts between them.
   *
   * @param file the name of the source in the map
   * @param origin leads from the text to its source, if the text itself was compiled
   */
  print(
    parts: readonly (Part | string)[],
    file: string,
    origin?: Origin,
  ): { code: string; map: SourceMapPayload } {
    const edits = [...this.closing.toReversed(), ...this.opening].sort((a, b) => a.key - b.key);
    const printer = new MappedPrinter(this.text, origin);
    for (const part of parts)
      if (typeof part === "string") printer.add(part, undefined);
      else printPart(part, edits, printer);
    return { code: printer.code, map: printer.map(file) };
  }
}

function printPart([start, end]: Part, edits: readonly Edit[], printer: MappedPrinter): void {
  let position = start;
  for (let i = firstBehind(edits, 2 * start); i < edits.length && edits[i]!.key <= 2 * end; i++) {
    const edit = edits[i]!;
    printer.copy(position, edit.start);
    printer.add(edit.text, edit.isMapped ? edit.start : undefined);
    position = edit.end;
  }
  printer.copy(position, end);
}

/** Returns the index of the first edit with a larger key. */
function firstBehind(edits: readonly Edit[], key: number): number {
  let [low, high] = [0, edits.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edits[middle]!.key > key) high = middle;
    else low = middle + 1;
  }
  return low;
}
