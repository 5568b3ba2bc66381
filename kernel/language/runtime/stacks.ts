import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve, sep } from "node:path";

/** The kernel's own folder. */
const KERNEL = `${resolve(__dirname, "..", "..")}${sep}`;

/** Maps stacks from the compiled code to the lines of cells and of the user's modules. */
export class Stacks {
  private readonly files = new Map<string, { map: SourceMap; lines: number }>();

  /** @param file the name under which the code runs */
  add(file: string, { code, map }: { code: string; map: SourceMapPayload }): void {
    this.files.set(file, { map: new SourceMap(map), lines: code.trimEnd().split("\n").length });
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
    const entry = known.map.findEntry(Number(row) - 1, Number(column) - 1);
    // The last line is the call of the function around the cell, which the author did not write.
    const text =
      "originalLine" in entry && Number(row) < known.lines
        ? `${before}${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}${behind}`
        : undefined;
    return { text, isFrame: true, isUsers: true };
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
