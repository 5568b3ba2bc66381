/** What is drawn in place, and how it is taken off the screen for a moment. */
interface Drawn {
  wipe(): void;
  draw(): void;
}

type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** Of what is written to; `process.stdout` and `process.stderr` fit. */
export interface Screen extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
}

/**
 * Keeps a line that is drawn in place below whatever else is printed on the terminal meanwhile: who prints gets lines of their
 * own above it, whole ones. A stream that is no terminal is left alone.
 */
export class BottomLine {
  /** The screen for the line itself: what is written here goes straight to it. */
  readonly screen: Screen;
  private readonly streams: Screen[];
  private readonly release: (() => void)[] = [];

  constructor(out: Screen, others: readonly Screen[] = [process.stdout, process.stderr]) {
    const write = out.write.bind(out);
    this.screen = Object.create(out, { write: { value: write } }) as Screen;
    this.streams = [...new Set([out, ...others])].filter(({ isTTY }) => isTTY);
  }

  /** From here on the line is on the screen, or may be at any time. */
  begin(line: Drawn): void {
    if (this.release.length) return;
    for (const stream of this.streams) this.release.push(printAbove(stream, line));
  }

  /** The line is left alone. */
  end(): void {
    for (const release of this.release.splice(0)) release();
  }
}

/** @returns what ends it */
function printAbove(stream: Screen, line: Drawn): () => void {
  const own = Object.getOwnPropertyDescriptor(stream, "write");
  const write = stream.write.bind(stream) as Write;
  const decoder = new TextDecoder();
  /** The beginning of a line whose end is still to be printed. */
  let open = "";
  const above: Write = (chunk, ...rest) => {
    const text = open + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
    const end = text.lastIndexOf("\n") + 1;
    open = text.slice(end);
    const done = rest.findLast((one) => typeof one === "function") as (() => void) | undefined;
    if (end === 0) {
      if (done) process.nextTick(done);
      return true;
    }
    line.wipe();
    const flowing = write(text.slice(0, end), ...(done ? [done] : []));
    line.draw();
    return flowing;
  };
  Object.defineProperty(stream, "write", { value: above, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(stream, "write", own);
    else Reflect.deleteProperty(stream, "write");
    if (open) write(open);
  };
}
