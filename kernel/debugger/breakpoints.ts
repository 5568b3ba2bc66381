import type { Debugger } from "node:inspector";
import type { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { conditionOf } from "./conditions";
import type { Place, Scripts, UserScript } from "./scripts";

interface Wanted extends DebugProtocol.SourceBreakpoint {
  id: number;
  /** The error in the condition or the message, which is then not sent to V8. */
  mistake?: string;
  /** The ids that V8 has given the breakpoint: one for each script from this text. */
  bound: string[];
  /** The line at which V8 stops, once a script has been compiled. */
  at?: number;
}

interface BreakpointHooks {
  /** Is called when a script is compiled and the breakpoint becomes active. */
  moved(breakpoint: DebugProtocol.Breakpoint): void;
  /** Returns an expression in TypeScript as JavaScript. @throws SyntaxError */
  compile(text: string): Promise<string>;
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

  constructor(
    private readonly session: Session,
    private readonly scripts: Scripts,
    private readonly hooks: BreakpointHooks,
  ) {}

  /** Replaces the breakpoints of a cell or file. */
  async set(
    path: string,
    lines: readonly DebugProtocol.SourceBreakpoint[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    await this.remove(path);
    const wanted = await Promise.all(lines.map((line) => this.want(line)));
    if (wanted.length) this.wanted.set(path, wanted);
    for (const script of this.scripts.from(path)) await this.bindAll(script, wanted);
    if (isJavaScript(path)) for (const one of wanted) await this.bindToUrl(pathToFileURL(path).href, one);
    return wanted.map((one) => shown(one, path));
  }

  private async want(line: DebugProtocol.SourceBreakpoint): Promise<Wanted> {
    const wanted: Wanted = { ...line, id: ++this.last, bound: [] };
    const mistake = await this.condition(line).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return { ...wanted, mistake };
  }

  /** Returns V8's condition. It can depend on the names of the script, which is therefore compiled before. */
  private readonly condition = (line: DebugProtocol.SourceBreakpoint): Promise<string | undefined> =>
    conditionOf(line, (text) => this.hooks.compile(text));

  /** Sets the breakpoints of a script that V8 has just compiled. */
  bind(script: UserScript): void {
    const wanted = this.wanted.get(script.path) ?? [];
    if (!wanted.length || isJavaScript(script.path)) return;
    const bound = this.bindAll(script, wanted).then(() => {
      for (const one of wanted) this.hooks.moved(shown(one, script.path));
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
      if (!stop || one.mistake) continue;
      one.at = stop.place.line;
      const location = { scriptId: script.id, ...position(stop.location) };
      await this.session
        .post("Debugger.setBreakpoint", { location, condition: await this.condition(one) })
        .then(({ breakpointId }) => one.bound.push(breakpointId))
        // Another breakpoint has moved to the same place.
        .catch(() => {});
    }
  }

  /** Sets a breakpoint in JavaScript, which V8 applies to scripts of that URL when it compiles them. */
  private async bindToUrl(url: string, wanted: Wanted): Promise<void> {
    if (wanted.mistake) return;
    const { breakpointId, locations } = await this.session.post("Debugger.setBreakpointByUrl", {
      url,
      lineNumber: wanted.line - 1,
      condition: await this.condition(wanted),
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

function shown({ id, line, at, mistake }: Wanted, path: string): DebugProtocol.Breakpoint {
  const source = { path };
  if (mistake)
    return { id, verified: false, line, source, message: `The condition cannot be read: ${mistake}` };
  return at === undefined
    ? { id, verified: false, line, source, message: "No code of this line has been compiled yet." }
    : { id, verified: true, line: at, source };
}
