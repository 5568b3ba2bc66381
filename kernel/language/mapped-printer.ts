import type { SourceMap, SourceMapPayload } from "node:module";
import { encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

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

const NEW_LINE = /\r\n?|[\n\u2028\u2029]/g;

/**
 * The positions to which V8 refers: the ends of lines, words, and the marks at which something is called, read or returned. The
 * texts of numbers and strings are left out as far as that is simple.
 */
const TOKEN =
  /\r\n?|[\n\u2028\u2029]|[A-Za-z_$\x80-\u2027\u202a-\uffff][\w$\x80-\u2027\u202a-\uffff]*|[^\s\w,:;"']/g;

/** Prints a text and records where its tokens are in the source. */
export class MappedPrinter {
  code = "";
  private readonly lines: SourceMapSegment[][] = [[]];
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

  /** Returns the source map of the printed code. @param file the name of the source */
  map(file: string): SourceMapPayload {
    const sources = { sources: [file], sourcesContent: [this.text], names: [], sourceRoot: "" };
    return { file: "", version: 3, ...sources, mappings: encode(this.lines) };
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
