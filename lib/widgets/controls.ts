import { Control, controlKind, named } from "./control";
import { Widget } from "./model";

/** Options of `checkbox`. */
export interface CheckboxOptions {
  /** The first value. Default false */
  value?: boolean;
  /** The text beside the control. Default: none */
  label?: string;
}

/** The state that a checkbox shares with the front end. */
export interface CheckboxState {
  /** The value. */
  value: boolean;
  /** The text beside the control. */
  description: string;
  /** Whether the box is indented like controls with a label. */
  indent: boolean;
  /** Whether the control cannot be used. */
  disabled: boolean;
}

/** Makes a box for yes or no. */
export function checkbox({
  value = false,
  label = "",
}: CheckboxOptions = {}): Control<boolean, CheckboxState> {
  const state: CheckboxState = { value, description: label, indent: false, disabled: false };
  const words = (now: CheckboxState) => named("checkbox", now.description, now.value ? "yes" : "no");
  return new Control(controlKind("Checkbox"), state, words, {
    read: (now) => now.value,
    write: (next) => ({ value: next }),
  });
}

/** The state that a button shares with the front end. */
export interface ButtonState {
  /** The text beside the control. */
  description: string;
  /** Whether the control cannot be used. */
  disabled: boolean;
  /** The color of the button: `""`, `primary`, `success`, `info`, `warning` or `danger`. */
  button_style: string;
  /** The name of an icon of Font Awesome. */
  icon: string;
}

/** A button. */
export class Button extends Widget<ButtonState> {
  /** Calls a function for each click. @returns a function that ends this */
  onClick(callback: () => void): () => void {
    return this.onMessage((content) => {
      if ((content as { event?: string } | undefined)?.event === "click") callback();
    });
  }
}

/** Makes a button. @param label its text @param onClick is called for each click. Default: nothing happens */
export function button(label: string, onClick?: () => void): Button {
  const state: ButtonState = { description: label, disabled: false, button_style: "", icon: "" };
  const made = new Button(controlKind("Button"), state, (now) => named("button", now.description, ""));
  if (onClick) made.onClick(onClick);
  return made;
}

/** A control, or another object with a value that can be observed. */
export interface Observable<T> {
  /** The value. */
  value: T;
  /** Calls a function with each new value. @returns a function that ends this */
  observe(callback: (value: T) => void): () => void;
}

/** Makes one control follow another, as a slider follows the buttons that play a movie. @returns a function that ends this */
export function link<T>(a: Observable<T>, b: Observable<T>): () => void {
  const ends = [
    a.observe((value) => {
      b.value = value;
    }),
    b.observe((value) => {
      a.value = value;
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
