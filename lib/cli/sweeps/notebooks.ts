import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigError, type Problem } from "../../base/config";
import { fromJson } from "../../base/files/atomic";
import { makeFolderOf } from "../../base/files/folder";
import { RECORD } from "../../base/jupyter/table";
import type { Board } from "./board";
import type { NotebookRequest, PapermillPool, RunNotebook } from "./papermill";
import type { Outcome } from "./queue";

/** One notebook to run, with its parameters. */
export interface NotebookJob {
  name: string;
  source: string;
  /** The path of the executed notebook. */
  target: string;
  /** The parameters as the user wrote them. */
  label: Readonly<Record<string, string>>;
  /** The parameters as JSON in Python's dialect, which has NaN. */
  values: string;
}

/** A line of a notebook's run by papermill. */
export interface NotebookEvent {
  cell?: number;
  of?: number;
  line?: string;
  record?: Record<string, string | number>;
  error?: { cell: number; source: string; text: string };
}

/**
 * Plans a notebook for every combination of the parameters, after checking them against the notebook's declarations.
 *
 * @param given names and comma-separated values, such as `seed=1,2,3`
 * @param folder for the executed notebooks
 * @throws ConfigError that lists all problems at once, with the notebook's parameters when one is unknown or has
 * another type
 */
export async function planNotebooks(
  papermill: PapermillPool,
  source: string,
  given: readonly string[],
  folder: string,
): Promise<NotebookJob[]> {
  if (!existsSync(source))
    throw new ConfigError(source, [{ path: "", message: "no such notebook; check the path" }]);
  const { pairs, problems: misspelt } = pairsOf(given);
  const { problem, points = [] } = await papermill.plan(source, pairs);
  const problems = [...misspelt, ...(problem ? [{ path: "", message: problem }] : [])];
  if (problems.length > 0) throw new ConfigError(source, problems);
  const stem = basename(source, ".ipynb");
  return points.map(({ label, values }) => {
    const name = nameOf(label) || stem;
    return { name, source, target: join(folder, `${name}.ipynb`), label, values };
  });
}

/** Splits `name=values`. A text of another form, or a repeated name, is reported as a problem. */
function pairsOf(given: readonly string[]): { pairs: [string, string][]; problems: Problem[] } {
  const pairs = new Map<string, string>();
  const problems: Problem[] = [];
  for (const text of given) {
    const at = text.indexOf("=");
    const name = text.slice(0, at);
    if (at < 1) problems.push({ path: `-p ${text}`, message: "must be a name and a value: -p lr 1e-3" });
    else if (pairs.has(name)) problems.push({ path: `-p ${name}`, message: "is given twice" });
    else pairs.set(name, text.slice(at + 1));
  }
  return { pairs: [...pairs], problems };
}

/**
 * Makes a file name such as `lr=1e-3_seed=2`. Invalid characters are replaced, and a shortened name ends in a hash of
 * the whole.
 */
export function nameOf(label: Readonly<Record<string, string>>): string {
  const whole = Object.entries(label)
    .map(([name, text]) => `${name}=${text}`)
    .join("_");
  const safe = whole.replace(/[^\p{L}\p{N}._=+-]+/gu, "-");
  if (safe === whole && safe.length <= 120) return safe;
  return `${safe.slice(0, 110)}-${createHash("sha256").update(whole).digest("hex").slice(0, 6)}`;
}

/** Whether a complete executed notebook with these parameters exists. */
export function isCompleted({ target, source, values }: NotebookJob): boolean {
  if (!existsSync(target)) return false;
  const { metadata } = JSON.parse(readFileSync(target, "utf8"));
  const { exception, end_time, parameters, input_path } = metadata.papermill ?? {};
  const same = JSON.stringify(parameters ?? {}) === JSON.stringify(fromJson(values));
  return exception !== true && Boolean(end_time) && same && input_path === source;
}

/** Returns the values that a notebook recorded, from its outputs. */
export function recordedIn({ target }: NotebookJob): Record<string, string | number> {
  const { cells } = JSON.parse(readFileSync(target, "utf8")) as {
    cells: { outputs?: { data?: Record<string, object> }[] }[];
  };
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  return Object.assign({}, ...outputs.map(({ data }) => data?.[RECORD]));
}

/** The options that all notebooks of a batch share. */
export interface NotebookOptions {
  /** The number of times that a failed notebook is run again. */
  retries: number;
  /** The number of notebooks that have not begun. */
  left: number;
  board: Board;
  signal: AbortSignal;
  execute: RunNotebook;
}

/**
 * Runs one notebook by papermill, and up to `retries` times again after a failure. A training with `resume: "auto"`
 * then continues from its last checkpoint.
 */
export async function runNotebookJob(
  job: NotebookJob,
  { retries, left, board, signal, execute }: NotebookOptions,
): Promise<Outcome> {
  const { name, source, target, label, values } = job;
  makeFolderOf(target);
  const began = performance.now();
  const facts: Record<string, string | number> = { ...label };
  const onStart = () => board.begin(name);
  for (let attempts = 1; ; attempts++) {
    const { ending, problem } = await attempt(
      { source, target, values, left },
      { execute, onStart },
      (event) => {
        if (event.cell && event.of) {
          board.at(name, (event.cell - 1) / event.of);
          board.now(name, `cell ${event.cell} of ${event.of}`);
        }
        if (event.line) board.now(name, event.line);
        Object.assign(facts, event.record);
      },
    );
    if (ending === "failed" && attempts <= retries && !signal.aborted) {
      board.note(name, `failed, once more (${attempts} of ${retries})`);
      continue;
    }
    const seconds = (performance.now() - began) / 1000;
    const outcome = { name, ending, seconds, attempts, facts, ...(problem ? { problem } : {}) };
    board.end(outcome);
    return outcome;
  }
}

async function attempt(
  request: NotebookRequest,
  { execute, onStart }: { execute: RunNotebook; onStart: () => void },
  onEvent: (event: NotebookEvent) => void,
): Promise<Pick<Outcome, "ending" | "problem">> {
  let error: NotebookEvent["error"];
  const { code, output } = await execute(request, {
    onStart,
    onLine(line) {
      const event = fromJson<NotebookEvent>(line);
      if (!event) return;
      error = event.error ?? error;
      onEvent(event);
    },
  });
  if (code === 0) return { ending: "completed" };
  if (code === 130 || code === null) return { ending: "interrupted" };
  return {
    ending: "failed",
    problem: error ? quoted(error, request.target) : output.split("\n").slice(-20).join("\n"),
  };
}

/** Quotes the failing cell and its error, and names the notebook. */
function quoted({ cell, source, text }: NonNullable<NotebookEvent["error"]>, target: string): string {
  if (cell === 0) return text;
  const lines = source.split("\n").map((line) => `    ${line}`);
  return [`${target} stopped at code cell ${cell}:`, ...lines, text].join("\n");
}
