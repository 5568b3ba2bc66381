import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { flushCompileCache } from "./compile-cache";
import type { ExpressionAnswer, ExpressionQuestion } from "./expressions";
import { collectGarbage } from "./garbage";
import { Session } from "./session";

/** One question to the worker; the method is Session's. */
export interface Question {
  id: number;
  method:
    | "compile"
    | "commit"
    | "preview"
    | "adopt"
    | "complete"
    | "inspect"
    | "isComplete"
    | "compileModule"
    | "resolveModule";
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any of the methods, as the message brings them
  args: any[];
  /** Whether the caller blocks until the question is answered. */
  stands?: boolean;
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: { name: string; message: string } };

/** The data with which the thread is started. */
export interface LanguageData {
  folder: string;
  /** The number of answers sent to the port, for callers that block. */
  answered: Int32Array;
  port: MessagePort;
  /** Brings the expressions of a debugger. */
  expressions: MessagePort;
}

const { folder, answered, port, expressions } = workerData as LanguageData;
const session = new Session(folder);

parentPort!.on("message", ({ id, method, args, stands }: Question) => {
  let finish = () => {};
  const answer = (): Answer => {
    try {
      if (method !== "compile")
        return { id, value: (session[method] as (...all: unknown[]) => unknown).apply(session, args) };
      const compiled = session.compile(args[0]);
      finish = compiled.finish;
      return { id, value: compiled.result };
    } catch (error) {
      const { name, message } = error as Error;
      return { id, error: { name, message } };
    }
  };
  if (stands) {
    port.postMessage(answer());
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  } else parentPort!.postMessage(answer());
  try {
    finish();
  } catch {
    // A fault of TypeScript in one cell's declarations: later cells do not see its names, but they still get answers.
  }
  if (method === "compile") setImmediate(collectGarbage);
});

expressions.on("message", ({ id, text }: ExpressionQuestion) => {
  const answer = (): ExpressionAnswer => {
    try {
      return { id, code: session.compileExpression(text) };
    } catch (error) {
      return { id, error: (error as Error).message };
    }
  };
  expressions.postMessage(answer());
});

/** The time after which the first cell of a batch has run, and its notebook is not yet over. */
const FLUSH_MS = 2000;

session.warmUp();
setTimeout(flushCompileCache, FLUSH_MS);
