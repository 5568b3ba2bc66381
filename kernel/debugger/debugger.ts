import type { Runtime, Debugger as V8 } from "node:inspector";
import { Session } from "node:inspector/promises";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { withUsersNames } from "../language/globals";
import { Breakpoints } from "./breakpoints";
import { Frames } from "./frames";
import { LIBRARIES, Scripts } from "./scripts";
import { GROUP, Variables } from "./variables";

export interface Hooks {
  /** Sends an event of the Debug Adapter Protocol to the front end. */
  emit(event: string, body: object): void;
  /** Returns the cell that runs; 0 if there is none. */
  cell(): number;
  /** Records that a debugger has attached, or has left. */
  attached(isAttached: boolean): void;
  /** Returns an expression in TypeScript as JavaScript. */
  compile(text: string): Promise<string>;
}

type Step = "stepOver" | "stepInto" | "stepOut";

/** The id of the thread that runs cells. */
export const THREAD = 1;
/** The number of awaiting functions that V8 remembers for call stacks. */
const ASYNC_DEPTH = 32;

/** The state of the main thread under a debugger: running, or paused at a call stack. It is controlled by V8's inspector. */
export class Debugger {
  readonly session = new Session();
  readonly scripts = new Scripts();
  readonly variables = new Variables(this.session);
  readonly breakpoints = new Breakpoints(this.session, this.scripts, {
    moved: (breakpoint) => this.hooks.emit("breakpoint", { reason: "changed", breakpoint }),
    compile: (text) => this.hooks.compile(text),
  });
  /** The call stack at which the main thread is paused. */
  frames: Frames | undefined;
  private isAttached = false;
  private listsLibraries = false;
  /** The step that is under way, the cell that it belongs to, and the line where it began. */
  private step: { kind: Step; cell: number; line: string | undefined } | undefined;
  private isPausing = false;
  private frameIds = 1;

  constructor(private readonly hooks: Hooks) {
    // This must happen at the start: a busy main thread does not accept a new connection.
    this.session.connectToMainThread();
    this.session.on("Debugger.scriptParsed", ({ params }) => {
      const script = this.scripts.add(params);
      if (script) this.breakpoints.bind(script);
    });
    this.session.on("Debugger.paused", ({ params }) => void this.paused(params));
    this.session.on("Debugger.resumed", () => {
      this.frames = undefined;
    });
  }

  /** @param justMyCode whether steps and call stacks leave out packages */
  async attach({ justMyCode }: { justMyCode: boolean }): Promise<void> {
    const { session } = this;
    this.isAttached = true;
    this.hooks.attached(true);
    this.listsLibraries = !justMyCode;
    await session.post("Debugger.enable");
    await session.post("Debugger.setAsyncCallStackDepth", { maxDepth: ASYNC_DEPTH });
    await session.post("Debugger.setBlackboxPatterns", { patterns: justMyCode ? LIBRARIES : ["^node:"] });
    // V8 pauses before it runs a new cell or module, so that its breakpoints can be set.
    await session.post("Debugger.setInstrumentationBreakpoint", {
      instrumentation: "beforeScriptWithSourceMapExecution",
    });
  }

  async detach(): Promise<void> {
    if (!this.isAttached) return;
    this.isAttached = false;
    this.hooks.attached(false);
    this.step = undefined;
    this.breakpoints.clear();
    this.variables.clear();
    // V8 resumes, and forgets breakpoints and settings.
    await this.session.post("Debugger.disable");
    this.frames = undefined;
    this.scripts.clear();
  }

  /** Resumes the main thread. JupyterLab shows that code is paused until it hears that the code goes on. */
  async resume(step?: Step): Promise<void> {
    if (!this.frames) throw new Error("no code is paused");
    this.variables.clear();
    if (step) this.step = { kind: step, cell: this.hooks.cell(), line: this.frames.line };
    else this.goesOn();
    await this.session.post(step ? `Debugger.${step}` : "Debugger.resume");
  }

  /** Pauses at the next line of the user's code that runs. */
  async pause(): Promise<void> {
    this.isPausing = true;
    await this.session.post("Debugger.pause");
  }

  /** Lets the running cell end without a pause, because it is being stopped. */
  release(): void {
    if (!this.isAttached) return;
    const wasPaused = this.frames !== undefined;
    this.step = undefined;
    this.session.post("Debugger.setSkipAllPauses", { skip: true }).catch(() => {});
    if (!wasPaused) return;
    this.session.post("Debugger.resume").catch(() => {});
    this.goesOn();
  }

  /** Ends a step that the cell has not completed. */
  cellEnded(): void {
    if (!this.isAttached) return;
    this.session.post("Debugger.setSkipAllPauses", { skip: false }).catch(() => {});
    if (this.step && !this.frames) this.goesOn();
  }

  /** Evaluates TypeScript in a paused function, or among the variables of the notebook. */
  async evaluate(
    text: string,
    how: { frame?: number; isHover?: boolean } = {},
  ): Promise<Runtime.RemoteObject> {
    const expression = await this.hooks.compile(text);
    const { callFrameId } = this.frames?.callFrame(how.frame) ?? {};
    const request = { expression, objectGroup: GROUP, silent: true, throwOnSideEffect: how.isHover ?? false };
    const evaluated: Runtime.EvaluateReturnType = callFrameId
      ? await this.session.post("Debugger.evaluateOnCallFrame", { ...request, callFrameId })
      : await this.session.post("Runtime.evaluate", { ...request });
    const { result, exceptionDetails } = evaluated;
    if (exceptionDetails)
      throw new Error(withUsersNames(firstLine(exceptionDetails.exception) ?? exceptionDetails.text));
    return result;
  }

  private goesOn(): void {
    this.step = undefined;
    this.hooks.emit("continued", { threadId: THREAD, allThreadsContinued: true });
  }

  /** Returns what leads from a place that is not shown to the next one; undefined for a place to show. */
  private further(frames: Frames, isError: boolean): Step | "resume" | undefined {
    const { step, isPausing } = this;
    // V8 may still follow a step of a cell that has ended, or see the kernel reject a promise.
    if (!step && !frames.isOfUser) return isPausing ? "stepInto" : "resume";
    if (!step || isError) return undefined;
    if (step.cell !== this.hooks.cell()) return "resume";
    if (frames.isInUserCode) return frames.isAtReturn && frames.line === step.line ? step.kind : undefined;
    // Code that the compiler has added is passed at once.
    return frames.isAtReturn ? "resume" : step.kind;
  }

  private async paused(event: V8.PausedEventDataType): Promise<void> {
    if (event.reason === "instrumentation") {
      await this.breakpoints.settled();
      await this.session.post("Debugger.resume");
      return;
    }
    const { step, isPausing } = this;
    const frames = new Frames(event, this.scripts, this.frameIds, this.listsLibraries);
    this.frames = frames;
    const further = event.hitBreakpoints?.length ? undefined : this.further(frames, isError(event.reason));
    if (further === "resume") return this.resume();
    if (further) {
      await this.session.post(`Debugger.${further}`);
      return;
    }
    this.frameIds += frames.stack.length;
    this.step = undefined;
    this.isPausing = false;
    this.hooks.emit("stopped", {
      threadId: THREAD,
      allThreadsStopped: true,
      ...reasonOf(event, { isStep: step !== undefined, isPausing }),
    });
  }
}

const isError = (reason: string) => reason === "exception" || reason === "promiseRejection";

function reasonOf(
  { reason, data }: V8.PausedEventDataType,
  { isStep, isPausing }: { isStep: boolean; isPausing: boolean },
): Pick<DebugProtocol.StoppedEvent["body"], "reason" | "description" | "text"> {
  if (isError(reason))
    return {
      reason: "exception",
      description: "Paused on an uncaught error",
      text: firstLine(data as Runtime.RemoteObject),
    };
  return { reason: isPausing ? "pause" : isStep ? "step" : "breakpoint" };
}

const firstLine = (error: Runtime.RemoteObject | undefined) =>
  error?.description?.split("\n")[0] ?? (error?.value === undefined ? undefined : String(error.value));
