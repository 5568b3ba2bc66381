import { randomUUID } from "node:crypto";
import { inspect } from "node:util";

/** One thing to show, in several forms; a front end takes the richest that it knows. Keys are MIME types. */
export type Bundle = { readonly "text/plain": string } & Readonly<Record<string, unknown>>;

/** The key of the method by which an object says how it is shown; kernels know it too. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** An object that draws itself. */
export interface Displayable {
  [DISPLAY](): Bundle;
}

/** A place below a cell that can be drawn again. */
export interface DisplayHandle {
  update(shown: unknown): void;
}

/** What a kernel offers to show things. */
type Send = (
  content: { data: Bundle; metadata: object; transient: { display_id: string } },
  update: boolean,
) => void;

/** Whether this code runs in a notebook's kernel. */
export function inNotebook(): boolean {
  return sender() !== undefined;
}

/**
 * Shows something below the running cell; outside a notebook its text, on stdout.
 *
 * @param shown a bundle of MIME types, an object that draws itself, or any value: it is shown as a cell's last one is
 */
export function display(shown: unknown): void {
  newDisplay(shown);
}

/** Shows something as `display` does. @returns a handle that draws in the same place again */
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

function toBundle(shown: unknown): Bundle {
  if (typeof shown === "object" && shown !== null) {
    if (DISPLAY in shown) return (shown as Displayable)[DISPLAY]();
    const types = Object.keys(shown);
    if (types.length > 0 && types.every((type) => type.includes("/"))) return shown as Bundle;
  }
  return ownKernel()?.bundleOf(shown) ?? { "text/plain": inspect(shown) };
}

/** What gradbook's kernel offers to code in its cells. */
interface Kernel {
  display: Send;
  bundleOf(value: unknown): Bundle;
  clearOutput(wait: boolean): void;
  input(prompt: string, password: boolean): Promise<string>;
}

const ownKernel = () =>
  (globalThis as Record<symbol, unknown>)[Symbol.for("gradbook.kernel")] as Kernel | undefined;

/** Draws again what `display` showed under the id of `handle`; the same as `handle.update(shown)`. */
export const updateDisplay = (handle: DisplayHandle, shown: unknown): void => handle.update(shown);

/**
 * Takes away what is shown below the running cell. In a terminal, and in stock tslab, which cannot, nothing happens.
 *
 * @param options `wait` until something else is shown, which avoids flicker. Default: at once
 */
export function clearOutput(options: { wait?: boolean } = {}): void {
  const { wait = false } = options;
  ownKernel()?.clearOutput(wait);
}

/**
 * Asks the person at the notebook for a line of text.
 *
 * @param options `password` hides what is typed. Default: it is seen
 * @throws Error where nobody can be asked: outside a notebook, in stock tslab, in a batch run
 */
export async function input(prompt = "", options: { password?: boolean } = {}): Promise<string> {
  const { password = false } = options;
  const kernel = ownKernel();
  if (!kernel) throw new Error("input() asks the person at a notebook: it needs gradbook's kernel");
  return kernel.input(prompt, password);
}

/**
 * Stock tslab's channel to the front end. Its public `display` shows one MIME type at a time, so the function beneath
 * it is taken, from the copy of tslab that runs this kernel (which announces itself by a global).
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
