import type { MessagePort } from "node:worker_threads";
import { startThread } from "../../lib/base/thread/start-thread";
import { has } from "./globals";
import type { CompiledCell, Completeness, Completions, Language, Rejected } from "./language";
import { type Answer, asError, BlockingQuestions, lineEnds, type Question } from "./questions";
import { installRuntime } from "./runtime/runtime";
import { Stacks } from "./runtime/stacks";
import type { Step } from "./runtime/steps";
import { compileWorkers } from "./runtime/user-workers";
import type { LanguageData } from "./worker";

export interface RunningLanguage extends Language {
  /** An error's `stack` in the lines of cells and of the user's modules, without the kernel's frames. */
  readonly mapStack: (stack: string) => string;
  /** The global names that cells have declared. */
  readonly names: ReadonlySet<string>;
}

/**
 * Starts TypeScript in a thread of its own, for cells of notebooks in `folder`, and puts on the global object what compiled
 * cells call. Returns at once: the thread loads TypeScript meanwhile.
 *
 * @param folder absolute: what relative imports are relative to
 * @param expressions brings the expressions of a debugger (expressions.ts)
 * @param isDebugged whether a debugger is attached
 */
export function startLanguage(
  folder: string,
  expressions: MessagePort,
  isDebugged: () => boolean,
): RunningLanguage {
  const thread = new Questions(folder, expressions);
  const stacks = new Stacks();
  const ask = async <T>(...question: Parameters<Questions["question"]>) =>
    thread.question<T>(...question).later();
  const runtime = installRuntime(
    {
      resolveModule: (name, from) => thread.question("resolveModule", name, from),
      compileModule: (file) => thread.question("compileModule", file),
    },
    folder,
    stacks,
    isDebugged,
  );
  compileWorkers(thread.blocking, folder);
  return {
    async compile(cell) {
      const result = await ask<CompiledCell | Rejected>("compile", cell);
      if (has(result, "map")) stacks.add(result.file, result);
      return result;
    },
    mapStack: (stack) => stacks.mapped(stack),
    commit: (number, outcome) => void ask("commit", number, outcome === "ok" ? [] : runtime.lost()),
    preview: (number) => void ask("preview", number),
    names: runtime.names,
    adopt(name) {
      runtime.names.add(name);
      void ask("adopt", name);
    },
    complete: (code, cursor) => ask<Completions>("complete", code, cursor),
    inspect: (code, cursor, detail) =>
      ask<Record<string, unknown> | undefined>("inspect", code, cursor, detail),
    isComplete: (code) => ask<Completeness>("isComplete", code),
  };
}

/** Sends questions to TypeScript's thread. */
class Questions {
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  /** Asks while this thread blocks. */
  readonly blocking: BlockingQuestions;
  private readonly worker;
  private last = 0;

  constructor(folder: string, expressions: MessagePort) {
    const { near, far } = lineEnds();
    this.blocking = new BlockingQuestions(near);
    const data: LanguageData = { folder, line: far, expressions };
    this.worker = startThread(`${__dirname}/worker`, {
      workerData: data,
      transferList: [far.port, expressions],
      name: "TypeScript",
    });
    this.worker.on("message", (answer: Answer) => {
      const { resolve, reject } = this.waiting.get(answer.id)!;
      this.waiting.delete(answer.id);
      // Pending questions keep the process alive; the idle thread does not.
      if (!this.waiting.size) this.worker.unref();
      if (has(answer, "error")) reject(asError(answer.error));
      else resolve(answer.value);
    });
    this.worker.on("error", (error) => {
      for (const { reject } of this.waiting.values()) reject(error as Error);
      this.waiting.clear();
    });
    this.worker.unref();
  }

  question<T>(method: Question["method"], ...args: unknown[]): Step<T> {
    return {
      later: () =>
        new Promise<T>((resolve, reject) => {
          const id = ++this.last;
          this.worker.ref();
          this.waiting.set(id, { resolve: (value) => resolve(value as T), reject });
          this.worker.postMessage({ id, method, args } satisfies Question);
        }),
      now: () => this.blocking.ask<T>(method, ...args),
    };
  }
}
