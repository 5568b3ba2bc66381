import { startThread } from "../../lib/thread/start-thread";
import type { CompiledCell, Language, Rejected } from "./language";
import { installRuntime } from "./runtime/runtime";
import { Stacks } from "./runtime/stacks";
import type { Answer, Question } from "./worker";

export interface RunningLanguage extends Language {
  /** An error's `stack` in the lines of cells and of the user's modules, without the kernel's frames. */
  readonly mapStack: (stack: string) => string;
  /** Ends the thread. */
  close(): Promise<void>;
}

/**
 * Starts TypeScript in a thread of its own, for cells of notebooks in `folder`, and puts on the global object what compiled
 * cells call. Returns at once: the thread loads TypeScript meanwhile.
 *
 * @param folder absolute: what relative imports are relative to
 */
export function startLanguage(folder: string): RunningLanguage {
  const worker = startThread(`${__dirname}/worker`, { workerData: { folder }, name: "TypeScript" });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const stacks = new Stacks();
  let last = 0;
  worker.on("message", (answer: Answer) => {
    const { resolve, reject } = waiting.get(answer.id)!;
    waiting.delete(answer.id);
    // A question keeps the process up, the thread alone does not.
    if (!waiting.size) worker.unref();
    if ("error" in answer) reject(asError(answer.error));
    else resolve(answer.value);
  });
  worker.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error as Error);
    waiting.clear();
  });
  worker.unref();
  const ask = <T>(method: Question["method"], ...args: unknown[]): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = ++last;
      worker.ref();
      waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      worker.postMessage({ id, method, args } satisfies Question);
    });
  const language: RunningLanguage & {
    resolveModule(name: string, from: string): Promise<string | undefined>;
  } = {
    async compile(cell) {
      const result = await ask<CompiledCell | Rejected>("compile", cell);
      if ("map" in result) stacks.add(result.file, result);
      return result;
    },
    mapStack: (stack) => stacks.mapped(stack),
    commit: (number, outcome) => void ask("commit", number, outcome === "ok" ? [] : runtime.lost()),
    complete: (code, cursor) => ask("complete", code, cursor),
    inspect: (code, cursor, detail) => ask("inspect", code, cursor, detail),
    isComplete: (code) => ask("isComplete", code),
    compileModule: (file) => ask("compileModule", file),
    resolveModule: (name, from) => ask("resolveModule", name, from),
    close: async () => void (await worker.terminate()),
  };
  const runtime = installRuntime(language, folder, stacks);
  return language;
}

function asError({ name, message }: { name: string; message: string }): Error {
  const error = name === "SyntaxError" ? new SyntaxError(message) : new Error(message);
  error.stack = `${name}: ${message}`;
  return error;
}
