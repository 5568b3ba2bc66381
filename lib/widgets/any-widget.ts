import { Widget } from "./model";

/** The state of a view in the browser, as anywidget passes it to `render`: https://anywidget.dev/en/afm */
export interface ViewModel<S> {
  /** Returns a part of the state. */
  get<K extends keyof S>(name: K): S[K];
  /** Changes a part of the state in the browser. */
  set<K extends keyof S>(name: K, value: S[K]): void;
  /** Sends all changes to the kernel. */
  save_changes(): void;
  /** Listens to `change:name`, for a part of the state, or `msg:custom`, for messages of the kernel. */
  on(event: string, callback: (...values: never[]) => void): void;
  /** Removes a callback, all callbacks of an event, or all callbacks. */
  off(event?: string | null, callback?: ((...values: never[]) => void) | null): void;
  /** Sends a custom message to the kernel. */
  send(content: unknown, callbacks?: unknown, buffers?: readonly (ArrayBuffer | ArrayBufferView)[]): void;
}

/** The element of a view in the browser. Its type is the browser's where the project's `lib` has `dom`. */
export type ViewElement = typeof globalThis extends { HTMLElement: { prototype: infer E } }
  ? E
  : BrowserObject;

/** An object of the browser whose type the project does not have. */
// biome-ignore lint/suspicious/noExplicitAny: without the library `dom` TypeScript knows nothing of the browser
export type BrowserObject = any;

/** The argument of `render`: the state, and the element to fill. */
export interface RenderContext<S> {
  model: ViewModel<S>;
  el: ViewElement;
}

/** A function that may return another one, which cleans up when the view is removed. */
export type Render<S> = (
  context: RenderContext<S>,
) => undefined | (() => void) | Promise<undefined | (() => void)> | void;

/** Options of `widget`. */
export interface WidgetOptions<S extends object> {
  /** The first state: JSON, typed arrays and array buffers, and other widgets. */
  state: S;
  /**
   * Fills an element in the browser. A function is sent as its text, so it can use its argument and the browser's names, such as
   * `document`, and nothing of the notebook. A string is a module of JavaScript with anywidget's `export default { render }`.
   */
  render: Render<S> | string;
  /** The style sheet. Default: none */
  css?: string;
  /** The text for places without a front end. Default: the state as JSON */
  text?: (state: S) => string;
}

/** The version of anywidget's package for JupyterLab, which requirements.txt pins. */
const VERSION = "~0.11.*";

/**
 * Makes a widget of your own by anywidget's contract (https://anywidget.dev/en/afm).
 *
 * @example
 * const counter = widget({
 *   state: { count: 0 },
 *   render({ model, el }) {
 *     el.innerHTML = "<button>count</button>";
 *     el.firstChild.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
 *   },
 * });
 * counter.onChange(({ count }) => console.log(count));
 * counter
 */
export function widget<S extends object>({ state, render, css, text }: WidgetOptions<S>): Widget<S> {
  const hidden = {
    _esm: moduleOf(render),
    _anywidget_id: "gradbook",
    ...(css !== undefined && { _css: css }),
  };
  const kind = { module: "anywidget", version: VERSION, model: "AnyModel", view: "AnyView" };
  const words = (now: S) =>
    text?.(now) ?? `widget: ${JSON.stringify(now, (name, value) => (name in hidden ? undefined : value))}`;
  return new Widget<S>(kind, { ...state, ...hidden }, words);
}

/**
 * Returns the text of the module in which a view is drawn. The kernel's compiler has put a call into each loop of a function, by which V8 can
 * stop it in the kernel.
 */
function moduleOf(render: string | ((context: never) => unknown)): string {
  if (typeof render === "string") return render;
  // A method's text, `render() {}`, is a function only within an object.
  const text = render.toString();
  const isMethod = /^(async\s+)?(?!function\b|async\b|\()[\w$]+\s*\(/.test(text);
  const value = isMethod ? `({ ${text} }).${render.name}` : `(${text})`;
  return `const __cell__ = { check() {} };\nexport default { render: ${value} };\n`;
}
