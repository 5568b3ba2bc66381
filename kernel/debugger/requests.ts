import { existsSync, readFileSync } from "node:fs";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { CELL_PATHS, cellPath } from "./cell-path";
import { Debugger, type Hooks, THREAD } from "./debugger";

/** A request of the Debug Adapter Protocol, or of Jupyter's extensions. */
export type DebugRequest = Pick<DebugProtocol.Request, "seq" | "command"> & { arguments?: Arguments };

/** The arguments of all requests that are used. */
interface Arguments {
  clientID?: string;
  justMyCode?: boolean;
  source?: DebugProtocol.Source;
  breakpoints?: DebugProtocol.SourceBreakpoint[];
  filters?: string[];
  frameId?: number;
  startFrame?: number;
  levels?: number;
  variablesReference?: number;
  expression?: string;
  context?: string;
  code?: string;
  variableName?: string;
  srcVariableName?: string;
  dstVariableName?: string;
  srcFrameId?: number;
}

interface DebugHooks extends Hooks {
  /** Makes a variable of the main thread known to later cells. */
  adopt(name: string): void;
}

type Handler = (request: Arguments) => unknown;

/**
 * Answers the requests of front ends' debuggers: https://microsoft.github.io/debug-adapter-protocol, and Jupyter's own at
 * https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request.
 */
export class DebugRequests {
  private readonly debugger: Debugger;
  private isStarted = false;
  private sent = 0;
  /** The texts of cells by path. */
  private readonly cells = new Map<string, string>();

  constructor(private readonly hooks: DebugHooks) {
    this.debugger = new Debugger(hooks);
  }

  /** Returns the content of a debug_reply. */
  async answer({ seq, command, arguments: given = {} }: DebugRequest): Promise<object> {
    const reply = { seq: ++this.sent, type: "response", request_seq: seq, command };
    const handler = this.always[command] ?? (this.isStarted ? this.whileStarted[command] : undefined);
    try {
      if (!handler)
        throw new Error(
          this.isStarted
            ? `the debugger has no request "${command}"`
            : "the debugger is not started: send initialize",
        );
      return { ...reply, success: true, body: (await handler(given)) ?? {} };
    } catch (error) {
      return { ...reply, success: false, message: (error as Error).message, body: {} };
    }
  }

  /** Lets a cell that is being stopped go on. */
  release(): void {
    this.debugger.release();
  }

  cellEnded(): void {
    this.debugger.cellEnded();
  }

  private readonly always: Record<string, Handler> = {
    initialize: ({ clientID }) => {
      this.isStarted = true;
      // JupyterLab's tree of variables shows the type in place of the value, if there is one.
      this.debugger.variables.showsTypes = clientID !== "jupyterlab";
      return CAPABILITIES;
    },
    dumpCell: ({ code = "" }) => {
      const sourcePath = cellPath(code);
      this.cells.set(sourcePath, code);
      return { sourcePath };
    },
    debugInfo: () => ({
      isStarted: this.isStarted,
      ...CELL_PATHS,
      breakpoints: this.debugger.breakpoints.info(),
      stoppedThreads: this.debugger.frames ? [THREAD] : [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    }),
    inspectVariables: async () => ({ variables: await this.debugger.variables.globals() }),
    richInspectVariables: async ({ variableName = "", frameId }) => {
      const value = await this.debugger.evaluate(variableName, { frame: frameId });
      return { data: await this.debugger.variables.bundle(value), metadata: {} };
    },
    variables: async ({ variablesReference = 0 }) => ({
      variables: await this.debugger.variables.list(variablesReference),
    }),
    disconnect: async () => {
      this.isStarted = false;
      await this.debugger.detach();
    },
  };

  private readonly whileStarted: Record<string, Handler> = {
    attach: async ({ justMyCode = true }) => {
      await this.debugger.attach({ justMyCode });
      // JupyterLab makes its menu of errors from the reply to `initialize` when this event arrives, and the channels of both may overtake.
      this.hooks.emit("initialized", {});
    },
    configurationDone: () => ({}),
    threads: () => ({ threads: [{ id: THREAD, name: "cells" }] }),
    setBreakpoints: async ({ source, breakpoints = [] }) => ({
      breakpoints: await this.debugger.breakpoints.set(source?.path ?? "", breakpoints),
    }),
    setExceptionBreakpoints: async ({ filters = [] }) => {
      const state = filters.includes("all") ? "all" : filters.includes("uncaught") ? "uncaught" : "none";
      await this.debugger.session.post("Debugger.setPauseOnExceptions", { state });
      return { breakpoints: filters.map(() => ({ verified: true })) };
    },
    stackTrace: ({ startFrame = 0, levels }) => {
      const stack = this.debugger.frames?.stack ?? [];
      const end = levels ? startFrame + levels : undefined;
      return { stackFrames: stack.slice(startFrame, end), totalFrames: stack.length };
    },
    scopes: ({ frameId }) => ({
      scopes: this.debugger.variables.scopes(this.debugger.frames?.callFrame(frameId)),
    }),
    evaluate: async ({ expression = "", frameId, context }) => {
      const isHover = context === "hover";
      const result = await this.debugger.evaluate(expression, { frame: frameId, isHover });
      const { value, ...shown } = await this.debugger.variables.shown(result);
      return { result: value, ...shown };
    },
    continue: async () => {
      await this.debugger.resume();
      return { allThreadsContinued: true };
    },
    next: () => this.debugger.resume("stepOver"),
    stepIn: () => this.debugger.resume("stepInto"),
    stepOut: () => this.debugger.resume("stepOut"),
    pause: () => this.debugger.pause(),
    source: ({ source }) => ({ content: this.text(source?.path ?? ""), mimeType: "text/typescript" }),
    modules: () => {
      const modules = this.debugger.scripts.modules().map((path, id) => ({ id, name: path, path }));
      return { modules, totalModules: modules.length };
    },
    copyToGlobals: async ({ srcVariableName = "", dstVariableName = "", srcFrameId }) => {
      if (![srcVariableName, dstVariableName].every((name) => NAME.test(name)))
        throw new Error(`"${srcVariableName}" and "${dstVariableName}" have to be names of variables`);
      const assignment = `void (globalThis[${JSON.stringify(dstVariableName)}] = ${srcVariableName})`;
      await this.debugger.evaluate(assignment, { frame: srcFrameId });
      this.hooks.adopt(dstVariableName);
    },
  };

  private text(path: string): string {
    const text = this.cells.get(path) ?? this.debugger.scripts.from(path)[0]?.text;
    if (text !== undefined) return text;
    if (!existsSync(path)) throw new Error(`the text of ${path} is not available`);
    return readFileSync(path, "utf8");
  }
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsModulesRequest: true,
  exceptionBreakpointFilters: [
    { filter: "uncaught", label: "Uncaught Errors", default: false },
    { filter: "all", label: "All Errors", default: false },
  ],
};
