import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { owner } from "../output/owner";
import { type Outgoing, SHARED } from "../sockets/mail";

interface Channel {
  send(message: Outgoing): void;
  /** Receives the lines that the user enters. */
  lines: MessagePort;
  shared: Int32Array;
}

/** Asks the user for lines of input, by the protocol's `input_request`. */
export class Input {
  private waiting: ((line: string) => void) | undefined;

  constructor(private readonly channel: Channel) {
    channel.lines.on("message", (line: string) => {
      const { waiting } = this;
      this.waiting = undefined;
      waiting?.(line);
    });
  }

  /** Asks for a line. @returns the line */
  readonly later = async (prompt: string, password: boolean): Promise<string> => {
    if (this.waiting) throw new Error("another input is being waited for");
    this.ask("input", { prompt, password });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  };

  /** Asks for a line, and blocks this thread until the user has entered it. @param name the function that the cell calls */
  now(name: string, prompt: string): string {
    const { lines, shared } = this.channel;
    // Drops the late answer to a question of a cell that was stopped.
    while (receiveMessageOnPort(lines));
    const before = Atomics.load(shared, SHARED.lines);
    this.ask(name, { prompt, password: false });
    Atomics.wait(shared, SHARED.lines, before);
    return (receiveMessageOnPort(lines) as { message: string }).message;
  }

  /** Forgets the pending question, because its cell was stopped. */
  forget(): void {
    this.waiting = undefined;
  }

  private ask(name: string, content: { prompt: string; password: boolean }): void {
    const { cause, mayAsk } = owner();
    if (!mayAsk)
      throw new Error(
        `${name}() needs someone who answers, and this client runs cells without (allow_stdin is false): set the value in the cell, or as a parameter of the notebook.`,
      );
    this.channel.send({ kind: "input", cause, content: JSON.stringify(content) });
  }
}

/** Defines the dialogs that browsers and Deno have as global functions. */
export function defineDialogs(input: Input): void {
  const dialogs = {
    prompt(message = "", initial = ""): string {
      const shown = initial ? `${spaced(String(message))}[${initial}]` : String(message);
      return input.now("prompt", spaced(shown)) || String(initial);
    },
    confirm: (message = ""): boolean =>
      /^\s*y(es)?\s*$/i.test(input.now("confirm", `${spaced(String(message))}[y/N] `)),
    alert(message: unknown = ""): void {
      input.now("alert", `${spaced(String(message))}[Enter] `);
    },
  };
  for (const [name, value] of Object.entries(dialogs))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

/** Returns a text that ends with whitespace, so that the answer stands apart from it. */
const spaced = (text: string) => (text === "" || /\s$/.test(text) ? text : `${text} `);
