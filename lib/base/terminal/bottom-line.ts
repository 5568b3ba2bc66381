/** A line that is drawn in place and can be erased temporarily. */
interface Drawn {
  wipe(): void;
  draw(): void;
}

type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** An output stream, such as `process.stdout` or `process.stderr`. */
export interface Screen extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
}

/**
 * Keeps a line at the bottom of the terminal while other code prints: other output appears above it as whole lines. Streams that are not
 * terminals stay unchanged.
 */
export class BottomLine {
  /** The stream for the line itself. Writes to it bypass the redirection. */
  readonly screen: Screen;
  private readonly streams: Screen[];
  private readonly release: (() => void)[] = [];

  constructor(out: Screen, others: readonly Screen[] = [process.stdout, process.stderr]) {
    const write = out.write.bind(out);
    this.screen = Object.create(out, { write: { value: write } }) as Screen;
    this.streams = [...new Set([out, ...others])].filter(({ isTTY }) => isTTY);
  }

  /** Starts to keep the line at the bottom of the screen. */
  begin(line: Drawn): void {
    if (this.release.length) return;
    for (const stream of this.streams) this.release.push(printAbove(stream, line));
  }

  /** Restores the streams. */
  end(): void {
    for (const release of this.release.splice(0)) release();
  }
}

/** Redirects a stream's writes to above the line. @returns a function that restores the stream */
function printAbove(stream: Screen, line: Drawn): () => void {
  const own = Object.getOwnPropertyDescriptor(stream, "write");
  const write = stream.write.bind(stream) as Write;
  const decoder = new TextDecoder();
  /** The text of a line whose end has not been printed yet. */
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
