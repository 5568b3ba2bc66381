import { Widget, type WidgetKind } from "./model";

/** The form in which a control shares its value with the front end. */
export interface ValueForm<T, S> {
  /** Returns the value of a state. */
  read(state: S): T;
  /** Returns the changes for a value. @throws ConfigError for a value that the control does not allow */
  write(value: T, state: S): Partial<S>;
}

/** A widget with one value, which a person can change. */
export class Control<T, S extends object = object> extends Widget<S> {
  /**
   * @param kind the class in the front end
   * @param state the first state
   * @param words returns the text that stands for the control where no front end shows it
   * @param form how the value is stored in the state
   */
  constructor(
    kind: WidgetKind,
    state: S,
    words: (state: S) => string,
    private readonly form: ValueForm<T, S>,
  ) {
    super(kind, state, words);
  }

  /** The value. */
  get value(): T {
    return this.form.read(this.state);
  }

  /** Moves the control in the front end. */
  set value(value: T) {
    this.set(this.form.write(value, this.state));
  }

  /**
   * Calls a function with each new value, from either side. Its output is shown below the cell that called `observe`.
   *
   * @returns a function that ends the observation
   */
  observe(callback: (value: T) => void): () => void {
    let last = this.value;
    return this.onChange(() => {
      const { value } = this;
      if (Object.is(value, last)) return;
      last = value;
      callback(value);
    });
  }
}

/** A class of `@jupyter-widgets/controls`, whose model and view have the same first name. */
export const controlKind = (name: string): WidgetKind => ({
  module: "@jupyter-widgets/controls",
  version: "2.0.0",
  model: `${name}Model`,
  view: `${name}View`,
});

/** Returns the text of a control: its kind, its label and its value. */
export const named = (kind: string, label: string, value: string): string =>
  [kind, label && JSON.stringify(label)].filter(Boolean).join(" ") + (value && `: ${value}`);
