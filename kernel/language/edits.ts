import type { SourceMap, SourceMapPayload } from "node:module";
import { encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

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

/** Returns the position in the source of a position in a compiled text, both from 0; undefined for text that the compiler has added. */
export type Origin = (line: number, column: number) => { line: number; column: number } | undefined;

/** Returns the positions of a source map's source. The nearest entry may belong to an earlier line, which is not the position's. */
export const originOf =
  (map: SourceMap): Origin =>
  (line, column) => {
    const entry = map.findEntry(line, column);
    return "originalLine" in entry && entry.generatedLine === line
      ? { line: entry.originalLine, column: entry.originalColumn }
      : undefined;
  };

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
    const printer = new Printer(this.text, origin);
    for (const part of parts)
      if (typeof part === "string") printer.add(part, undefined);
      else printPart(part, edits, printer);
    const sources = { sources: [file], sourcesContent: [this.text], names: [], sourceRoot: "" };
    return { code: printer.code, map: { file: "", version: 3, ...sources, mappings: encode(printer.lines) } };
  }
}

function printPart([start, end]: Part, edits: readonly Edit[], printer: Printer): void {
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

const NEW_LINE = /\r\n?|[\n\u2028\u2029]/g;

/**
 * The positions to which V8 refers: the ends of lines, words, and the marks at which something is called, read or returned. The
 * texts of numbers and strings are left out as far as that is simple.
 */
const TOKEN =
  /\r\n?|[\n\u2028\u2029]|[A-Za-z_$\x80-\u2027\u202a-\uffff][\w$\x80-\u2027\u202a-\uffff]*|[^\s\w,:;"']/g;

/** Prints a text and records where its tokens are in the source. */
class Printer {
  code = "";
  readonly lines: SourceMapSegment[][] = [[]];
  private column = 0;
  private readonly starts: number[];

  constructor(
    private readonly text: string,
    private readonly origin: Origin | undefined,
  ) {
    this.starts = [0, ...[...text.matchAll(NEW_LINE)].map((found) => found.index + found[0].length)];
  }

  /** Prints a new text. @param position its place in the old text, if it has one */
  add(text: string, position: number | undefined): void {
    if (text === "") return;
    if (position === undefined) this.lines.at(-1)!.push([this.column]);
    else this.mark(position, this.lineOf(position));
    const [first, ...rest] = text.split("\n");
    this.column += first!.length;
    for (const line of rest) {
      // A position is that of the nearest segment before it, also in an earlier line.
      this.lines.push([[0]]);
      this.column = line.length;
    }
    this.code += text;
  }

  /** Prints a range of the old text. */
  copy(start: number, end: number): void {
    if (start === end) return;
    const text = this.text.slice(start, end);
    let line = this.lineOf(start);
    let from = start - this.column;
    this.mark(start, line);
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      this.column = start + index - from;
      if (!isNewLine(token)) {
        this.mark(start + index, line);
        continue;
      }
      line++;
      from = start + index + token.length;
      this.lines.push([]);
      this.column = 0;
      if (from < end) this.mark(from, line);
    }
    this.column = end - from;
    this.code += text;
  }

  /** Records that what follows is at a position of the old text. */
  private mark(position: number, line: number): void {
    const column = position - this.starts[line]!;
    const place = this.origin ? this.origin(line, column) : { line, column };
    this.lines.at(-1)!.push(place ? [this.column, 0, place.line, place.column] : [this.column]);
  }

  private lineOf(position: number): number {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

const isNewLine = (token: string) => /^[\r\n\u2028\u2029]/.test(token);
