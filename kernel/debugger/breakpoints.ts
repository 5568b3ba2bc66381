import type { Debugger } from "node:inspector";
import type { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Place, Scripts, UserScript } from "./scripts";

interface Wanted extends DebugProtocol.SourceBreakpoint {
  id: number;
  /** The ids that V8 has given the breakpoint: one for each script from this text. */
  bound: string[];
  /** The line at which V8 stops, once a script has been compiled. */
  at?: number;
}

/** A position at which V8 can stop. */
interface Stop {
  place: Place;
  location: Debugger.BreakLocation;
}

/** The breakpoints of cells and files. They are set in every script that is compiled from their text, before it runs. */
export class Breakpoints {
  private readonly wanted = new Map<string, Wanted[]>();
  private readonly stops = new WeakMap<UserScript, Promise<Stop[]>>();
  private binding: Promise<unknown> = Promise.resolve();
  private last = 0;

  /** @param moved is called when a script is compiled and the breakpoint becomes active */
  constructor(
    private readonly session: Session,
    private readonly scripts: Scripts,
    private readonly moved: (breakpoint: DebugProtocol.Breakpoint) => void,
  ) {}

  /** Replaces the breakpoints of a cell or file. */
  async set(
    path: string,
    lines: readonly DebugProtocol.SourceBreakpoint[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    await this.remove(path);
    const wanted = lines.map((line): Wanted => ({ ...line, id: ++this.last, bound: [] }));
    if (wanted.length) this.wanted.set(path, wanted);
    for (const script of this.scripts.from(path)) await this.bindAll(script, wanted);
    if (isJavaScript(path)) for (const one of wanted) await this.bindToUrl(pathToFileURL(path).href, one);
    return wanted.map((one) => shown(one, path));
  }

  /** Sets the breakpoints of a script that V8 has just compiled. */
  bind(script: UserScript): void {
    const wanted = this.wanted.get(script.path) ?? [];
    if (!wanted.length || isJavaScript(script.path)) return;
    const bound = this.bindAll(script, wanted).then(() => {
      for (const one of wanted) this.moved(shown(one, script.path));
    });
    this.binding = Promise.all([this.binding, bound.catch(() => {})]);
  }

  /** Resolves when all scripts so far have their breakpoints. */
  settled(): Promise<unknown> {
    return this.binding;
  }

  /** Returns the breakpoints of all cells and files, in the form of `debugInfo`. */
  info(): { source: string; breakpoints: DebugProtocol.SourceBreakpoint[] }[] {
    return [...this.wanted].map(([source, all]) => ({
      source,
      breakpoints: all.map(({ line, at, condition, logMessage }) => ({
        line: at ?? line,
        condition,
        logMessage,
      })),
    }));
  }

  clear(): void {
    this.wanted.clear();
  }

  private async remove(path: string): Promise<void> {
    const ids = (this.wanted.get(path) ?? []).flatMap(({ bound }) => bound);
    this.wanted.delete(path);
    for (const breakpointId of ids) await this.session.post("Debugger.removeBreakpoint", { breakpointId });
  }

  private async bindAll(script: UserScript, wanted: readonly Wanted[]): Promise<void> {
    const stops = await this.stopsOf(script);
    for (const one of wanted) {
      const stop = nearest(stops, one.line);
      if (!stop) continue;
      one.at = stop.place.line;
      const location = { scriptId: script.id, ...position(stop.location) };
      await this.session
        .post("Debugger.setBreakpoint", { location, condition: conditionOf(one) })
        .then(({ breakpointId }) => one.bound.push(breakpointId))
        // Another breakpoint has moved to the same place.
        .catch(() => {});
    }
  }

  /** Sets a breakpoint in JavaScript, which V8 applies to scripts of that URL when it compiles them. */
  private async bindToUrl(url: string, wanted: Wanted): Promise<void> {
    const { breakpointId, locations } = await this.session.post("Debugger.setBreakpointByUrl", {
      url,
      lineNumber: wanted.line - 1,
      condition: conditionOf(wanted),
    });
    wanted.bound.push(breakpointId);
    if (locations[0]) wanted.at = locations[0].lineNumber + 1;
  }

  private stopsOf(script: UserScript): Promise<Stop[]> {
    const known = this.stops.get(script) ?? this.findStops(script);
    this.stops.set(script, known);
    return known;
  }

  private async findStops(script: UserScript): Promise<Stop[]> {
    const { locations } = await this.session.post("Debugger.getPossibleBreakpoints", {
      start: { scriptId: script.id, lineNumber: 0 },
    });
    return locations.flatMap((location) => {
      const place = script.place(location.lineNumber, location.columnNumber ?? 0);
      return place ? [{ place, location }] : [];
    });
  }
}

/** Whether a file runs as it was written, so that V8 can find its breakpoints by its URL. */
const isJavaScript = (path: string) => /\.[cm]?js$/.test(path);

/** Returns the first stop of a line, or of the next line that has one. */
function nearest(stops: readonly Stop[], line: number): Stop | undefined {
  const behind = stops.filter(({ place }) => place.line >= line).map(({ place }) => place.line);
  const at = Math.min(...behind);
  return stops.find(({ place }) => place.line === at);
}

const position = ({ lineNumber, columnNumber }: Debugger.BreakLocation) => ({ lineNumber, columnNumber });

function shown({ id, line, at }: Wanted, path: string): DebugProtocol.Breakpoint {
  const source = { path };
  return at === undefined
    ? { id, verified: false, line, source, message: "No code of this line has been compiled yet." }
    : { id, verified: true, line: at, source };
}

/** Returns V8's condition. A log point prints its message, in which `{x}` is the value of x, and does not stop. */
function conditionOf({ condition, logMessage }: Wanted): string | undefined {
  if (!logMessage) return condition;
  const template = logMessage.replace(/[`\\]|\$(?=\{)/g, "\\$&").replace(/\{[^{}]+\}/g, "$$$&");
  const log = `(console.log(\`${template}\`), false)`;
  return condition ? `(${condition}) && ${log}` : log;
}
