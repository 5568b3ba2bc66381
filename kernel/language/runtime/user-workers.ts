import { syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import workerThreads, { type WorkerOptions } from "node:worker_threads";
import type { BlockingQuestions, Line } from "../questions";

/** The data with which a thread of the user starts. */
export interface UserThreadData {
  file: string;
  /** The folder of the notebook. */
  folder: string;
  /** Leads to TypeScript's thread. */
  line: Line;
  /** The user's own data. */
  data: unknown;
}

type Start = [file: string | URL, options?: WorkerOptions];

/** Lets `new Worker` of Node start TypeScript files, which Node 20 refuses. They are compiled like modules that a cell imports. */
export function compileWorkers(questions: BlockingQuestions, folder: string): void {
  const start = ([given, options = {}]: Start): Start => {
    const file = options.eval ? undefined : typeScriptFile(given);
    if (!file) return [given, options];
    const line = questions.newLine();
    const data: UserThreadData = { file, folder, line, data: options.workerData };
    const transferList = [...(options.transferList ?? []), line.port];
    return [`${__dirname}/user-thread.js`, { ...options, workerData: data, transferList }];
  };
  const compiling = new Proxy(workerThreads.Worker, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, start(given as Start), newTarget) as object,
  });
  Reflect.set(workerThreads, "Worker", compiling);
  syncBuiltinESMExports();
}

/** Returns the path of a TypeScript file; undefined for what Node starts or refuses. */
function typeScriptFile(given: string | URL): string | undefined {
  if (given instanceof URL && given.protocol !== "file:") return undefined;
  if (typeof given === "string" && !/^(\.{0,2}[\\/])/.test(given)) return undefined;
  const path = given instanceof URL ? fileURLToPath(given) : resolve(given);
  return /\.([cm]?ts|[jt]sx)$/.test(path) ? path : undefined;
}
