import type { MessagePort } from "node:worker_threads";

/** The text of an expression that the language thread compiles. */
export interface ExpressionQuestion {
  id: number;
  text: string;
}

export type ExpressionAnswer = { id: number } & ({ code: string } | { error: string });

interface Waiting {
  resolve(code: string): void;
  reject(error: Error): void;
}

/** Has the language thread compile the TypeScript that users write in a debugger. It works while a cell blocks the main thread. */
export class Expressions {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /** @param port leads to the language thread */
  constructor(private readonly port: MessagePort) {
    port.on("message", (answer: ExpressionAnswer) => {
      const { resolve, reject } = this.waiting.get(answer.id)!;
      this.waiting.delete(answer.id);
      if ("code" in answer) resolve(answer.code);
      else reject(new SyntaxError(answer.error));
    });
  }

  /** Returns an expression as JavaScript. @throws SyntaxError */
  compile(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const id = ++this.last;
      this.waiting.set(id, { resolve, reject });
      this.port.postMessage({ id, text } satisfies ExpressionQuestion);
    });
  }
}
