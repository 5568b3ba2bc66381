import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { type Bundle, DISPLAY, type Displayable } from "../base/jupyter/display";
import { type Comm, joinBuffers, kernelComms, partBuffers } from "./comm";

/** The version of the protocol: https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md */
const PROTOCOL = "2.1.0";

/** A class of widgets in the front end. */
export interface WidgetKind {
  /** The npm package, such as `@jupyter-widgets/controls`. */
  module: string;
  /** The range of versions of the package. */
  version: string;
  /** The class of the model. */
  model: string;
  /** The class of the view; undefined for a model that is part of others and has no view of its own. */
  view?: string;
}

/**
 * A widget: a state that the kernel and all its views in the front end share. A change on one side reaches the other. The widget is sent
 * to the front end when it is shown first; before that, and outside a notebook, it only holds its state.
 */
export class Widget<S extends object> implements Displayable {
  private readonly observers = new Set<(changed: Partial<S>) => void>();
  private readonly listeners = new Set<(content: unknown, buffers: Uint8Array[]) => void>();
  private comm: Comm | undefined;
  private id: string | undefined;

  /**
   * @param kind the widget's class in the front end
   * @param state all parts of the state, with their first values. A part may be another widget, or a list of widgets
   * @param words returns the text that stands for the widget where no front end shows it
   */
  constructor(
    private readonly kind: WidgetKind,
    protected state: S,
    private readonly words: (state: S) => string,
  ) {}

  /** The widget's id in the front end and in saved notebooks. Asking for it sends the widget to the front end. */
  get modelId(): string {
    this.id ??= this.open();
    return this.id;
  }

  /** Returns a part of the state. */
  get<K extends keyof S>(name: K): S[K] {
    return this.state[name];
  }

  /** Changes parts of the state, here and in the front end. Observers are called if a value differs. */
  set(changes: Partial<S>): void {
    this.change(changes, (changed) => this.sendState("update", changed));
  }

  /**
   * Calls a function after each change of the state, from either side. Output of the function is shown below the cell that called
   * `onChange`.
   *
   * @param callback gets the parts that have changed
   * @returns a function that ends the observation
   */
  onChange(callback: (changed: Partial<S>) => void): () => void {
    return added(this.observers, inThisContext(callback));
  }

  /** Sends a message to the views: they receive it as a custom message. */
  send(content: unknown, buffers: Uint8Array[] = []): void {
    this.comm?.send({ method: "custom", content }, buffers);
  }

  /** Calls a function for each custom message of a view. @returns a function that ends this */
  onMessage(callback: (content: unknown, buffers: Uint8Array[]) => void): () => void {
    return added(this.listeners, inThisContext(callback));
  }

  /** Removes the widget from the front end. */
  close(): void {
    this.comm?.close();
    this.comm = undefined;
    this.id = undefined;
    open.delete(this as unknown as Widget<object>);
  }

  /** Returns the view, and the text for places without a front end. */
  [DISPLAY](): Bundle {
    const text = this.toString();
    if (!kernelComms() || !this.kind.view) return { "text/plain": text };
    const view = { version_major: 2, version_minor: 0, model_id: this.modelId };
    return { "application/vnd.jupyter.widget-view+json": view, "text/plain": text };
  }

  /** Returns a description of the widget in words. */
  toString(): string {
    return this.words(this.state);
  }

  /** Returns the state as saved notebooks hold it. */
  saved(): { state: Record<string, unknown> } & Record<string, unknown> {
    const { model, module, version } = this.kind;
    const { state } = partBuffers(this.wholeState());
    return { model_name: model, model_module: module, model_module_version: version, state };
  }

  private open(): string {
    const comms = kernelComms();
    if (!comms) return randomUUID();
    answerRequests(comms);
    const { buffers, ...data } = partBuffers(this.wholeState());
    this.comm = comms.connect("jupyter.widget", data, { metadata: { version: PROTOCOL }, buffers });
    this.comm.onMessage = (message, received) => this.receive(message, received);
    open.add(this as unknown as Widget<object>);
    return this.comm.id;
  }

  private receive(message: Record<string, unknown>, buffers: Uint8Array[]): void {
    if (message.method === "request_state") this.sendState("update", this.state);
    else if (message.method === "custom")
      for (const listener of this.listeners) listener(message.content, buffers);
    else if (message.method === "update") {
      const state = joinBuffers(
        message.state as Record<string, unknown>,
        (message.buffer_paths ?? []) as [],
        buffers,
      );
      const known = Object.fromEntries(Object.entries(state).filter(([name]) => name in this.state));
      // Other views of the widget get the change, too.
      this.change(known as Partial<S>, (changed) => this.sendState("echo_update", changed));
    }
  }

  private change(changes: Partial<S>, announce: (changed: Partial<S>) => void): void {
    const names = (Object.keys(changes) as (keyof S)[]).filter(
      (name) => !isSame(changes[name], this.state[name]),
    );
    if (!names.length) return;
    const changed = Object.fromEntries(names.map((name) => [name, changes[name]])) as unknown as Partial<S>;
    this.state = { ...this.state, ...changed };
    announce(changed);
    for (const observer of this.observers) observer(changed);
  }

  private sendState(method: "update" | "echo_update", changed: object): void {
    if (!this.comm) return;
    const { buffers, ...data } = partBuffers(withReferences(changed));
    this.comm.send({ method, ...data }, buffers);
  }

  private wholeState(): Record<string, unknown> {
    const { module, version, model, view } = this.kind;
    return {
      _model_module: module,
      _model_module_version: version,
      _model_name: model,
      ...(view && { _view_module: module, _view_module_version: version, _view_name: view }),
      ...withReferences(this.state),
    };
  }
}

/** All widgets that the front end knows. */
const open = new Set<Widget<object>>();
let answers: object | undefined;

/** Answers a page that is opened again, which asks for all widgets at once. */
function answerRequests(comms: NonNullable<ReturnType<typeof kernelComms>>): void {
  if (answers === comms) return;
  answers = comms;
  comms.register("jupyter.widget.control", (comm) => {
    comm.onMessage = ({ method }) => {
      if (method !== "request_states") return;
      const states = Object.fromEntries([...open].map((widget) => [widget.modelId, widget.saved()]));
      comm.send({ method: "update_states", states, buffer_paths: [] });
    };
  });
}

/** Replaces widgets in a state by references to them. */
const withReferences = (state: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [name, referred(value)]));

function referred(value: unknown): unknown {
  if (value instanceof Widget) return `IPY_MODEL_${value.modelId}`;
  return hasWidgets(value) ? value.map(referred) : value;
}

function added<T>(set: Set<T>, one: T): () => void {
  set.add(one);
  return () => void set.delete(one);
}

/** Binds a callback to the running cell: its output and errors appear below that cell. An error does not concern other callbacks. */
function inThisContext<A extends unknown[]>(callback: (...args: A) => unknown): (...args: A) => void {
  return AsyncResource.bind((...args: A) => {
    try {
      callback(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  });
}

const isSame = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) ||
  (typeof a === "object" &&
    !ArrayBuffer.isView(a) &&
    !hasWidgets(a) &&
    JSON.stringify(a) === JSON.stringify(b));

const hasWidgets = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.some((one) => one instanceof Widget);
