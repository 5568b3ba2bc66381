import type { Debugger, Runtime } from "node:inspector";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Place, Scripts } from "./scripts";

/** The call stack at which the main thread is paused: its frames, then those that have awaited it. */
export class Frames {
  readonly stack: DebugProtocol.StackFrame[] = [];
  private readonly byId = new Map<number, Debugger.CallFrame>();

  /**
   * @param firstId the id of the first frame; ids of earlier stacks must not be used again
   * @param all whether frames of packages are listed, too
   */
  constructor(
    private readonly paused: Debugger.PausedEventDataType,
    private readonly scripts: Scripts,
    firstId: number,
    all: boolean,
  ) {
    let id = firstId;
    for (const frame of paused.callFrames) {
      const { functionName, location, url } = frame;
      const shown = this.frame(
        id,
        { functionName, url, ...location, columnNumber: location.columnNumber ?? 0 },
        all,
      );
      if (!shown) continue;
      this.stack.push(shown);
      this.byId.set(id++, frame);
    }
    for (let trace = paused.asyncStackTrace; trace; trace = trace.parent)
      for (const frame of trace.callFrames) {
        const shown = this.frame(id, frame, all);
        if (!shown) continue;
        this.stack.push({ ...shown, name: `${shown.name} (awaits)` });
        id++;
      }
  }

  /** Whether the innermost frame is in a line that the user wrote. */
  get isInUserCode(): boolean {
    return this.place !== undefined;
  }

  /** Whether a function of the user is running, not only awaiting. */
  get isOfUser(): boolean {
    return this.byId.size > 0;
  }

  /** Whether the innermost function is about to return. */
  get isAtReturn(): boolean {
    return this.paused.callFrames[0]?.returnValue !== undefined;
  }

  /** The file and line of the innermost frame; undefined in code that the user did not write. */
  get line(): string | undefined {
    const { place } = this;
    return place && `${place.path}:${place.line}`;
  }

  /** Returns V8's frame; undefined for a function that awaits, because it has none. */
  callFrame(id: number | undefined): Debugger.CallFrame | undefined {
    return id === undefined ? undefined : this.byId.get(id);
  }

  private get place(): Place | undefined {
    const { scriptId = "", lineNumber = 0, columnNumber = 0 } = this.paused.callFrames[0]?.location ?? {};
    return this.scripts.get(scriptId)?.place(lineNumber, columnNumber);
  }

  private frame(
    id: number,
    { functionName, scriptId, url, lineNumber, columnNumber }: Runtime.CallFrame,
    all: boolean,
  ): DebugProtocol.StackFrame | undefined {
    const script = this.scripts.get(scriptId);
    const place = script?.place(lineNumber, columnNumber);
    if (place) {
      const { line, column, name, path } = place;
      return { id, name: functionName || name, line, column, source: { name, path } };
    }
    if (script || !all || !url || url.startsWith("node:")) return undefined;
    const path = url.startsWith("file:") ? fileURLToPath(url) : url;
    return {
      id,
      name: functionName || "(anonymous)",
      line: lineNumber + 1,
      column: columnNumber + 1,
      source: { name: path, path },
      presentationHint: "subtle",
    };
  }
}
