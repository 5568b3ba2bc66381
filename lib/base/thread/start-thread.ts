import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts one of the library's files as a worker thread: the compiled file, or the source in the repository's own tests and benchmarks.
 *
 * @param file absolute path without its extension
 */
export function startThread(file: string, options: Omit<WorkerOptions, "eval">): Worker {
  if (!__filename.endsWith(".ts")) return new Worker(`${file}.js`, options);
  const load = `require("tsx/cjs/api").register(); require(${JSON.stringify(`${file}.ts`)});`;
  return new Worker(load, { ...options, eval: true });
}
