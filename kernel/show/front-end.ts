import { randomUUID } from "node:crypto";
import { owner } from "../output/owner";
import type { Comms } from "../protocol/comms";
import type { Outgoing } from "../sockets/mail";
import { bundleOf } from "./bundle";
import { variables } from "./variables";

/** The key under which lib/base/jupyter finds the kernel. */
const KERNEL = Symbol.for("gradbook.kernel");

/** The services of the notebook for code in cells: displays, input, comms. */
export class FrontEnd {
  /** Stands in for the package tslab (language/runtime/node-module.ts). */
  readonly tslab = tslabModule((content, update) => this.display(content, update), {
    tslab: "1.0.22",
    typescript: "6.0.3",
    node: process.version,
  });

  constructor(
    private readonly send: (message: Outgoing) => void,
    readonly comms: Comms,
    /** Asks the user for a line of input. */
    readonly input: (prompt: string, password: boolean) => Promise<string>,
    /** Resolves when no training is going on that no cell awaits. A batch calls it after the last cell. */
    readonly settled: () => Promise<void>,
    /** The global names that cells have declared. */
    declared: ReadonlySet<string>,
  ) {
    this.variables = variables(declared);
    Object.defineProperty(globalThis, KERNEL, { value: this, enumerable: false });
  }

  /** @param content of display_data or update_display_data */
  readonly display = (content: object, update = false): void =>
    this.publish(update ? "update_display_data" : "display_data", content);

  readonly bundleOf = bundleOf;

  readonly variables;

  readonly clearOutput = (wait: boolean): void => this.publish("clear_output", { wait });

  private publish(type: string, content: object): void {
    this.send({ kind: "publish", cause: owner().cause, type, content: JSON.stringify(content) });
  }
}

type Show = (content: object, update: boolean) => void;

const TYPES = {
  javascript: "text/javascript",
  html: "text/html",
  markdown: "text/markdown",
  latex: "text/latex",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  pdf: "application/pdf",
  text: "text/plain",
} as const;

/**
 * Returns the exports of `import * as tslab from "tslab"` in this kernel: tslab's own API, with this kernel's displays.
 */
function tslabModule(show: Show, versions: object): Record<string, unknown> {
  const display = (id?: string) => {
    let update = false;
    const raw = (type: string, data: string | Uint8Array) => {
      const value = typeof data === "string" ? data : Buffer.from(data).toString("base64");
      show({ data: { [type]: value }, metadata: {}, transient: id ? { display_id: id } : {} }, update);
      update = id !== undefined;
    };
    const methods = Object.entries(TYPES).map(([name, type]) => [
      name,
      (data: string | Uint8Array) => raw(type, data),
    ]);
    return { ...Object.fromEntries(methods), raw };
  };
  return { versions, display: display(), newDisplay: () => display(randomUUID()) };
}
