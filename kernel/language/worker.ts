import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { flushCompileCache } from "./compile-cache";
import type { ExpressionAnswer, ExpressionQuestion } from "./expressions";
import { collectGarbage } from "./garbage";
import type { Answer, Line, OnLine, Question } from "./questions";
import { Session } from "./session";

/** The data with which the thread is started. */
export interface LanguageData {
  folder: string;
  /** Brings the questions of the main thread for which it blocks. */
  line: Line;
  /** Brings the expressions of a debugger. */
  expressions: MessagePort;
}

const { folder, line, expressions } = workerData as LanguageData;
const session = new Session(folder);

parentPort!.on("message", (question: Question) => {
  let finish = () => {};
  const answer = answerTo(question, (compiled) => {
    finish = compiled;
  });
  parentPort!.postMessage(answer);
  try {
    finish();
  } catch {
    // A fault of TypeScript in one cell's declarations: later cells do not see its names, but they still get answers.
  }
  if (question.method === "compile") setImmediate(collectGarbage);
});

/** @param onCompiled gets the work on a compiled cell that remains after the answer */
function answerTo({ id, method, args }: Question, onCompiled: (finish: () => void) => void): Answer {
  try {
    if (method !== "compile")
      return { id, value: (session[method] as (...all: unknown[]) => unknown).apply(session, args) };
    const { result, finish } = session.compile(args[0]);
    onCompiled(finish);
    return { id, value: result };
  } catch (error) {
    const { name, message } = error as Error;
    return { id, error: { name, message } };
  }
}

/** Answers the questions of a thread that blocks meanwhile. */
function serve({ port, answered }: Line): void {
  port.on("message", (message: OnLine) => {
    if ("line" in message) {
      serve(message.line);
      return;
    }
    port.postMessage(answerTo(message, (finish) => finish()));
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
}

serve(line);

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
