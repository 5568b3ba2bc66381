import { randomUUID } from "node:crypto";
import { inspect } from "node:util";

/** One output in several representations, keyed by MIME type. A front end shows the richest one that it supports. */
export type Bundle = { readonly "text/plain": string } & Readonly<Record<string, unknown>>;

/** The key of the method that returns an object's rich display. Jupyter kernels use the same symbol. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** An object with a rich display of its own. */
export interface Displayable {
  /** Returns what a notebook shows for the object. */
  [DISPLAY](): Bundle;
}

/** A handle to an output below a cell that can be updated. */
export interface DisplayHandle {
  /** Replaces the content of the output. */
  update(shown: unknown): void;
}

/** The kernel's function that sends a display message. */
type Send = (
  content: { data: Bundle; metadata: object; transient: { display_id: string } },
  update: boolean,
) => void;

/** Whether this code runs in a notebook's kernel. */
export function inNotebook(): boolean {
  return sender() !== undefined;
}

/**
 * Shows a value below the running cell. Outside a notebook, prints its text to stdout.
 *
 * @param shown a bundle of MIME types, an object with a rich display, or any value, which is shown like the last expression of a cell
 */
export function display(shown: unknown): void {
  newDisplay(shown);
}

/** Shows a value as `display` does. @returns a handle that updates the output in place */
export function newDisplay(shown: unknown): DisplayHandle {
  const send = sender();
  if (!send) {
    const print = (what: unknown) => console.log(toBundle(what)["text/plain"]);
    print(shown);
    return { update: print };
  }
  const transient = { display_id: randomUUID() };
  send({ data: toBundle(shown), metadata: {}, transient }, false);
  return { update: (what) => send({ data: toBundle(what), metadata: {}, transient }, true) };
}

/** Returns the forms of a value that a cell would show for it. */
export function toBundle(shown: unknown): Bundle {
  if (typeof shown === "object" && shown !== null) {
    if (DISPLAY in shown) return (shown as Displayable)[DISPLAY]();
    const types = Object.keys(shown);
    if (types.length > 0 && types.every((type) => type.includes("/"))) return shown as Bundle;
  }
  return ownKernel()?.bundleOf(shown) ?? { "text/plain": inspect(shown) };
}

/** The functions that gradbook's kernel provides to code in its cells. */
interface Kernel {
  display: Send;
  bundleOf(value: unknown): Bundle;
  clearOutput(wait: boolean): void;
  input(prompt: string, password: boolean): Promise<string>;
}

const ownKernel = () =>
  (globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.kernel")] as Kernel | undefined;

/** Updates the output of `handle`; the same as `handle.update(shown)`. */
export const updateDisplay = (handle: DisplayHandle, shown: unknown): void => handle.update(shown);

/**
 * Clears the output of the running cell. Has no effect in a terminal or in stock tslab.
 *
 * @param options `wait`: clear when the next output arrives, which avoids flicker. Default false: clear immediately
 */
export function clearOutput(options: { wait?: boolean } = {}): void {
  const { wait = false } = options;
  ownKernel()?.clearOutput(wait);
}

/**
 * Prompts the user of the notebook for a line of text.
 *
 * @param options `password`: hide the typed text. Default false
 * @throws Error where no prompt is possible: outside a notebook, in stock tslab, in a batch run
 */
export async function input(prompt = "", options: { password?: boolean } = {}): Promise<string> {
  const { password = false } = options;
  const kernel = ownKernel();
  if (!kernel) throw new Error("input() asks the person at a notebook: it needs gradbook's kernel");
  return kernel.input(prompt, password);
}

/**
 * Returns stock tslab's function that sends to the front end. Its public `display` shows only one MIME type at a time, so this uses the
 * function below it, from the copy of tslab that runs this kernel. That copy sets a global.
 */
function sender(): Send | undefined {
  const kernel = ownKernel();
  if (kernel) return kernel.display;
  if (!("__tslab__" in globalThis)) return undefined;
  const module = Object.values(require.cache).find((m) =>
    /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(m?.filename ?? ""),
  );
  return (module?.exports as { lastWriteDisplayData?: Send } | undefined)?.lastWriteDisplayData;
}
