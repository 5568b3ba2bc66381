import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { fromJson } from "../../base/files/atomic";
import {
  type Ended,
  jupyterEnvironment,
  LastLines,
  type Launch,
  type LaunchOptions,
  startChild,
  venvPython,
} from "../setup";

/** A notebook for papermill. */
export interface NotebookRequest {
  readonly source: string;
  readonly target: string;
  /** The parameters as JSON in Python's dialect. */
  readonly values: string;
}

/** Runs a notebook by papermill, which writes events to its standard output. */
export type RunNotebook = (
  request: NotebookRequest,
  options: Pick<LaunchOptions, "onStart" | "onLine">,
) => Promise<Ended>;

/** The arguments of Python that start our plug-in of papermill. */
export const MODULE = ["-m", "gradbook_papermill"];

/** Returns a function that runs each notebook in a process of its own. */
export const papermillBy =
  (launch: Launch, project: string): RunNotebook =>
  ({ source, target, values }, options) =>
    launch(venvPython(project), [...MODULE, "run", source, target, values], {
      ...options,
      env: jupyterEnvironment(project),
    });

/** Processes of papermill that run notebooks one after another, because papermill's import takes longer than a short notebook. */
export class PapermillPool {
  private readonly idle = new Set<ChildProcessWithoutNullStreams>();

  constructor(private readonly project: string) {}

  /** Runs a notebook in an idle process, or in a new one. */
  readonly run: RunNotebook = (request, { onStart, onLine }) => {
    const child = this.take();
    onStart?.();
    const lines = new LastLines();
    const output = createInterface({ input: child.stdout });
    const errors = createInterface({ input: child.stderr }).on("line", (line) => lines.add(line));
    return new Promise((resolve, reject) => {
      const end = (code: number | null) => {
        child.off("close", end).off("error", reject);
        output.close();
        errors.close();
        resolve({ code, output: lines.text });
      };
      output.on("line", (line) => {
        lines.add(line);
        const { done } = fromJson<{ done?: number }>(line) ?? {};
        if (done === undefined) return onLine?.(line);
        if (done !== INTERRUPTED) this.idle.add(child);
        end(done);
      });
      child.on("close", end).on("error", reject);
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  };

  /** Ends the processes. */
  close(): void {
    for (const child of this.idle) child.stdin.end();
  }

  private take(): ChildProcessWithoutNullStreams {
    for (const child of this.idle) {
      this.idle.delete(child);
      return child;
    }
    const { project } = this;
    const env = jupyterEnvironment(project);
    const child = startChild(venvPython(project), [...MODULE, "serve"], { env });
    child.on("close", () => this.idle.delete(child));
    return child;
  }
}

/** The code of a run that was interrupted, after which the process ends. */
const INTERRUPTED = 130;
