import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { fromJson } from "../../base/files/atomic";
import {
  type Ended,
  jupyterEnvironment,
  LastLines,
  type Launch,
  type LaunchOptions,
  SetupError,
  startChild,
  venvPython,
} from "../setup";

/** A notebook for papermill. */
export interface NotebookRequest {
  readonly source: string;
  readonly target: string;
  /** The parameters as JSON in Python's dialect. */
  readonly values: string;
  /** The number of notebooks that have not begun. */
  readonly left: number;
}

/** Runs a notebook by papermill, which writes events to its standard output. */
export type RunNotebook = (
  request: NotebookRequest,
  options: Pick<LaunchOptions, "onStart" | "onLine">,
) => Promise<Ended>;

/** Every combination of a notebook's parameters, or the problem with the given ones. */
export interface NotebookPlan {
  readonly problem?: string;
  /** The parameters of each notebook to run, as the user wrote them and as `NotebookRequest` has them. */
  readonly points?: readonly { readonly label: Record<string, string>; readonly values: string }[];
}

/** The arguments of Python that start our plug-in of papermill. */
const MODULE = ["-m", "gradbook_papermill"];

/** Returns the command that runs a notebook in a process of its own. */
export const notebookCommand = (
  project: string,
  { source, target, values }: Omit<NotebookRequest, "left">,
) => ({
  command: venvPython(project),
  args: [...MODULE, "run", source, target, values],
  env: jupyterEnvironment(project),
});

/** Returns a function that runs each notebook in a process of its own. */
export const papermillBy =
  (launch: Launch, project: string): RunNotebook =>
  (request, options) => {
    const { command, args, env } = notebookCommand(project, request);
    return launch(command, args, { ...options, env });
  };

/**
 * Processes of papermill that answer requests one after another, because papermill's import takes longer than a short notebook. While a
 * process runs a notebook, it starts the kernel of the next one.
 */
export class PapermillPool {
  private readonly idle = new Set<ChildProcessWithoutNullStreams>();
  /** The processes that have a kernel for the next notebook. */
  private readonly prepared = new Set<ChildProcessWithoutNullStreams>();

  constructor(private readonly project: string) {}

  /**
   * Combines the values of a notebook's parameters, after checking them against its declarations.
   *
   * @param pairs names and comma-separated values
   * @throws SetupError when papermill cannot read the notebook
   */
  async plan(source: string, pairs: readonly (readonly [string, string])[]): Promise<NotebookPlan> {
    let plan: NotebookPlan | undefined;
    const onLine = (line: string) => {
      plan = fromJson<NotebookPlan>(line) ?? plan;
    };
    const { output } = await this.send(this.take(), { do: "plan", source, pairs }, { onLine });
    if (plan) return plan;
    throw new SetupError(`papermill could not read ${source}: ${output.split("\n").at(-1)}`);
  }

  /** Runs a notebook. */
  readonly run: RunNotebook = ({ left, ...request }, options) => {
    const child = this.take();
    this.prepared.delete(child);
    const more = left > this.prepared.size;
    if (more) this.prepared.add(child);
    return this.send(child, { do: "run", ...request, more }, options);
  };

  /** Ends the processes. */
  close(): void {
    for (const child of this.idle) child.stdin.end();
  }

  /** Sends a request to a process. It is idle again after the answer. */
  private async send(
    child: ChildProcessWithoutNullStreams,
    request: object,
    { onStart, onLine }: Pick<LaunchOptions, "onStart" | "onLine">,
  ): Promise<Ended> {
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
  }

  /** Takes an idle process, preferably one that has a kernel, or starts a new one. */
  private take(): ChildProcessWithoutNullStreams {
    const idle = [...this.idle];
    const best = idle.find((child) => this.prepared.has(child)) ?? idle[0];
    if (best) {
      this.idle.delete(best);
      return best;
    }
    const { project } = this;
    const env = jupyterEnvironment(project);
    const child = startChild(venvPython(project), [...MODULE, "serve"], { env });
    child.on("close", () => {
      this.idle.delete(child);
      this.prepared.delete(child);
    });
    return child;
  }
}

/** The code of a run that was interrupted, after which the process ends. */
const INTERRUPTED = 130;
