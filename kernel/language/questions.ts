import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { has } from "./globals";

/** A question to TypeScript's thread; the method is Session's. */
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
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: { name: string; message: string } };

/** One end of a channel on which a thread asks TypeScript's thread, and blocks until it has the answer. */
export interface Line {
  port: MessagePort;
  /** The number of answers that TypeScript's thread has sent. */
  answered: Int32Array;
}

/** A message on a line: a question, or another line to answer. */
export type OnLine = Question | { line: Line };

/** Makes a channel. Both ends share the count of answers. */
export function lineEnds(): { near: Line; far: Line } {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  return { near: { port: port1, answered }, far: { port: port2, answered } };
}

/** The longest time that a thread blocks for an answer, in milliseconds. */
const PATIENCE = 60_000;

/** Asks questions of which each is answered before the next line of code runs. */
export class BlockingQuestions {
  private last = 0;

  constructor(private readonly line: Line) {
    line.port.unref();
  }

  /** @throws the error of the answer */
  ask<T>(method: Question["method"], ...args: unknown[]): T {
    const { port, answered } = this.line;
    const before = Atomics.load(answered, 0);
    port.postMessage({ id: ++this.last, method, args } satisfies OnLine);
    if (Atomics.wait(answered, 0, before, PATIENCE) === "timed-out")
      throw new Error("TypeScript's thread does not answer");
    const { message } = receiveMessageOnPort(port) as { message: Answer };
    if (has(message, "error")) throw asError(message.error);
    return message.value as T;
  }

  /** Returns a line for a thread that is to be started. */
  newLine(): Line {
    const { near, far } = lineEnds();
    this.line.port.postMessage({ line: far } satisfies OnLine, [far.port]);
    return near;
  }
}

/** Returns an error of TypeScript's thread. Its stack would be that of this thread, and is left out. */
export function asError({ name, message }: { name: string; message: string }): Error {
  const error = name === "SyntaxError" ? new SyntaxError(message) : new Error(message);
  error.stack = `${name}: ${message}`;
  return error;
}
