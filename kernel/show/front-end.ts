import { owner } from "../output/owner";
import type { Comms } from "../protocol/comms";
import type { Outgoing } from "../sockets/mail";
import { bundleOf } from "./bundle";
import { tslabModule } from "./tslab";

/** The key under which lib/base/jupyter finds the kernel. */
const KERNEL = Symbol.for("gradbook.kernel");

/** The services of the notebook for code in cells: displays, input, comms. */
export class FrontEnd {
  private waiting: { resolve: (value: string) => void } | undefined;

  /** Stands in for the package tslab (language/runtime/node-module.ts). */
  readonly tslab = tslabModule((content, update) => this.display(content, update), {
    tslab: "1.0.22",
    typescript: "6.0.3",
    node: process.version,
  });

  constructor(
    private readonly send: (message: Outgoing) => void,
    readonly comms: Comms,
  ) {
    Object.defineProperty(globalThis, KERNEL, { value: this, enumerable: false });
  }

  /** @param content of display_data or update_display_data */
  readonly display = (content: object, update = false): void =>
    this.publish(update ? "update_display_data" : "display_data", content);

  readonly bundleOf = bundleOf;

  readonly clearOutput = (wait: boolean): void => this.publish("clear_output", { wait });

  /** Asks the user for a line of input. */
  readonly input = (prompt: string, password: boolean): Promise<string> => {
    if (!owner().mayAsk) return Promise.reject(new Error("this front end asks nobody for input"));
    if (this.waiting) return Promise.reject(new Error("another input is being waited for"));
    return new Promise((resolve) => {
      this.waiting = { resolve };
      this.send({ kind: "input", cause: owner().cause, content: JSON.stringify({ prompt, password }) });
    });
  };

  answered(value: string): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(value);
  }

  /** Forgets the pending question, because its cell was stopped. */
  forgetInput(): void {
    this.waiting = undefined;
  }

  private publish(type: string, content: object): void {
    this.send({ kind: "publish", cause: owner().cause, type, content: JSON.stringify(content) });
  }
}
