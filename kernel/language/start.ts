import type { CompiledCell, Completeness, Completions, Language, Rejected } from "./language";
import { Questions } from "./questions";
import { installRuntime } from "./runtime/runtime";
import { Stacks } from "./runtime/stacks";

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
  const thread = new Questions(folder);
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
  );
  return {
    async compile(cell) {
      const result = await ask<CompiledCell | Rejected>("compile", cell);
      if ("map" in result) stacks.add(result.file, result);
      return result;
    },
    mapStack: (stack) => stacks.mapped(stack),
    commit: (number, outcome) => void ask("commit", number, outcome === "ok" ? [] : runtime.lost()),
    complete: (code, cursor) => ask<Completions>("complete", code, cursor),
    inspect: (code, cursor, detail) =>
      ask<Record<string, unknown> | undefined>("inspect", code, cursor, detail),
    isComplete: (code) => ask<Completeness>("isComplete", code),
    close: () => thread.close(),
  };
}
