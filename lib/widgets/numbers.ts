import { ConfigError } from "../base/config/errors";
import { Control, controlKind, named } from "./control";

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
