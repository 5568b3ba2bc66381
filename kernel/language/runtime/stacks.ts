import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve, sep } from "node:path";

/** The kernel's own folder. */
const KERNEL = `${resolve(__dirname, "..", "..")}${sep}`;

/** Returns the position in the source of a position in compiled code, both from 0; undefined for code that the compiler has added. */
export function originalPlace(
  map: SourceMap,
  line: number,
  column: number,
): { line: number; column: number } | undefined {
  const entry = map.findEntry(line, column);
  // An entry of added code has no source.
  return "originalLine" in entry && entry.originalLine !== undefined
    ? { line: entry.originalLine, column: entry.originalColumn }
    : undefined;
}

/** Maps stacks from the compiled code to the lines of cells and of the user's modules. */
export class Stacks {
  private readonly files = new Map<string, MappedFile>();

  /** @param file the name under which the code runs */
  add(file: string, { code, map }: { code: string; map: SourceMapPayload }): void {
    this.files.set(file, new MappedFile(code, map));
  }

  /** Returns a stack in the user's lines, without the kernel's frames below the cell. */
  mapped(stack: string): string {
    const lines = stack.split("\n").map((line) => this.frame(line));
    const last = lines.findLastIndex(({ isUsers }) => isUsers);
    return lines
      .filter(({ isFrame }, i) => !isFrame || last < 0 || i <= last)
      .flatMap(({ text }) => text ?? [])
      .filter((text, i, all) => !isRepeated(text, all[i - 1], all[i - 2]))
      .join("\n");
  }

  private frame(line: string): { text: string | undefined; isFrame: boolean; isUsers: boolean } {
    const [, before, file, row, column, behind] = FRAME.exec(line) ?? [];
    if (file === undefined) return { text: line, isFrame: /^\s+at /.test(line), isUsers: false };
    const known = this.files.get(file);
    if (!known) return { text: isInternal(file) ? undefined : line, isFrame: true, isUsers: false };
    const place = known.place(Number(row), Number(column));
    const text = place && `${before}${file}:${place.line + 1}:${place.column + 1}${behind}`;
    return { text, isFrame: true, isUsers: true };
  }
}

/** The source map of a file. It is read when the first error occurs in the file. */
class MappedFile {
  private map: SourceMap | undefined;

  constructor(
    private readonly code: string,
    private readonly payload: SourceMapPayload,
  ) {}

  /** Returns the position in the source, from 0. @param row the line of the compiled code, from 1 @param column from 1 */
  place(row: number, column: number): { line: number; column: number } | undefined {
    this.map ??= new SourceMap(this.payload);
    // The last line is the call of the function around the cell, which the author did not write.
    const isLast = row >= this.code.trimEnd().split("\n").length;
    return isLast ? undefined : originalPlace(this.map, row - 1, column - 1);
  }
}

/** Returns the comment at the end of a script from which debuggers read its source map. */
export const mapComment = (map: SourceMapPayload): string =>
  `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;

/** Whether a frame is the third or a later call in a recursion. */
const isRepeated = (text: string, ...before: (string | undefined)[]) =>
  /^\s+at /.test(text) && before.every((one) => one === text);

const isInternal = (file: string) => file.startsWith(KERNEL) || file.startsWith("node:");

/** `at name (file:row:column)` or `at file:row:column`. */
const FRAME = /^(\s+at (?:.*\(|async )?)(.+?):(\d+):(\d+)(\)?)$/;

/** When an operation fails, Node's default of ten frames covers only TensorFlow; the cell's line is further down. */
const FRAMES = 50;

/** From here on, stacks of errors refer to the user's lines. @param mapped returns a stack with the user's lines */
export function mapStacks(mapped: (stack: string) => string): void {
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (error: unknown, frames) =>
    mapped([headline(error), ...frames.map((frame) => `    at ${frame}`)].join("\n"));
}

function headline(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
