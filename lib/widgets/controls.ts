import { ConfigError } from "../base/config/errors";
import { Control, controlKind } from "./control";
import { Widget } from "./model";
import { named } from "./words";

/** Options of `slider`. */
export interface SliderOptions {
  /** The lowest value. Default 0 */
  min?: number;
  /** The highest value. Default 100 */
  max?: number;
  /** The distance between values. Default 1 */
  step?: number;
  /** The first value. Default: `min` */
  value?: number;
  /** The text beside the control. Default: none */
  label?: string;
  /** Whether the value follows while the slider is dragged, and not only when it is released. Default true */
  continuous?: boolean;
}

/** The state that a slider shares with the front end. */
export interface SliderState extends NumberState {
  /** The direction of the slider: `horizontal` or `vertical`. */
  orientation: string;
  /** Whether the value is shown beside the slider. */
  readout: boolean;
  /** The value's format, after d3-format. */
  readout_format: string;
  /** Whether the value follows while the slider is dragged. */
  continuous_update: boolean;
  /** noUiSlider's behaviour. */
  behavior: string;
}

/** The state that all controls of numbers share with the front end. */
export interface NumberState {
  /** The value. */
  value: number;
  /** The lowest value. */
  min: number;
  /** The highest value. */
  max: number;
  /** The distance between values. */
  step: number;
  /** The text beside the control. */
  description: string;
  /** Whether the control cannot be used. */
  disabled: boolean;
}

/**
 * Makes a slider for a number. Its values are integers if all options are.
 *
 * @example
 * const rate = slider({ min: 0, max: 1, step: 0.01, value: 0.5, label: "rate" });
 * rate.observe((value) => console.log(value));
 * rate
 *
 * @throws ConfigError if the range is empty or does not contain the value
 */
export function slider(options: SliderOptions = {}): Control<number, SliderState> {
  const { min = 0, max = 100, step = 1, value = min, label = "", continuous = true } = options;
  checkRange("slider", { min, max, step });
  const isInteger = [min, max, step, value].every(Number.isInteger);
  const digits = Math.max(...[min, step].map((one) => (String(one).split(".")[1] ?? "").length));
  const state: SliderState = {
    value: within("slider", value, { min, max }),
    min,
    max,
    step,
    description: label,
    disabled: false,
    orientation: "horizontal",
    readout: true,
    readout_format: isInteger ? "d" : `.${digits}f`,
    continuous_update: continuous,
    behavior: "drag-tap",
  };
  return new Control(controlKind(isInteger ? "IntSlider" : "FloatSlider"), state, numberWords("slider"), {
    read: (now) => now.value,
    write: (next, now) => ({ value: within("slider", next, now) }),
  });
}

/** Options of `play`. */
export interface PlayOptions {
  /** The first number. Default 0 */
  min?: number;
  /** The last number. Default 100 */
  max?: number;
  /** The distance between numbers. Default 1 */
  step?: number;
  /** The time between numbers in milliseconds. Default 100 */
  interval?: number;
  /** Whether it starts again after the last number. Default false */
  repeat?: boolean;
}

/** The state that `play` shares with the front end. */
export interface PlayState extends NumberState {
  /** The time between values in milliseconds. */
  interval: number;
  /** Whether it starts again after the last value. */
  repeat: boolean;
  /** Whether it is counting. */
  playing: boolean;
  /** Whether the button for `repeat` is shown. */
  show_repeat: boolean;
}

/**
 * Makes buttons that count through numbers, as for the frames of a movie.
 *
 * @throws ConfigError if the range is empty
 */
export function play(options: PlayOptions = {}): Control<number, PlayState> {
  const { min = 0, max = 100, step = 1, interval = 100, repeat = false } = options;
  checkRange("play", { min, max, step });
  const state: PlayState = {
    value: min,
    min,
    max,
    step,
    description: "",
    disabled: false,
    interval,
    repeat,
    playing: false,
    show_repeat: true,
  };
  return new Control(controlKind("Play"), state, numberWords("play"), {
    read: (now) => now.value,
    write: (next, now) => ({ value: within("play", next, now) }),
  });
}

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

const numberWords =
  (what: string) =>
  ({ description, value, min, max }: NumberState) =>
    named(what, description, `${value} (from ${min} to ${max})`);

function checkRange(where: string, { min, max, step }: { min: number; max: number; step: number }): void {
  if (!(min < max)) throw wrong(where, "max", `${max} is not above min, which is ${min}`);
  if (!(step > 0)) throw wrong(where, "step", `${step} is not a positive number`);
}

function within(where: string, value: number, { min, max }: { min: number; max: number }): number {
  if (value >= min && value <= max) return value;
  throw wrong(where, "value", `${value} is not between min and max, which are ${min} and ${max}`);
}

const wrong = (where: string, path: string, message: string) => new ConfigError(where, [{ path, message }]);
