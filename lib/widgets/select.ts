import { ConfigError } from "../base/config/errors";
import { Control, controlKind, named } from "./control";

/** The values of a list, or the values by their labels. */
export type Choices<T> = readonly T[] | Readonly<Record<string, T>>;

/** Options of `select`. */
export interface SelectOptions<T> {
  /** The values, or the values by their labels. At least one */
  options: Choices<T>;
  /** The first value. Default: the first of the options */
  value?: T;
  /** The text beside the control. Default: none */
  label?: string;
}

/** The state that a list of choices shares with the front end. */
export interface SelectState {
  /** The labels of all options. */
  _options_labels: readonly string[];
  /** The place of the chosen option, from 0. */
  index: number;
  /** The text beside the control. */
  description: string;
  /** Whether the control cannot be used. */
  disabled: boolean;
}

/** A list from which one value is chosen. */
export class Select<T> extends Control<T, SelectState> {
  private pairs: readonly Pair<T>[];

  constructor({ options, value, label = "" }: SelectOptions<T>) {
    const pairs = pairsOf(options);
    const state: SelectState = {
      _options_labels: labelsOf(pairs),
      index: value === undefined ? 0 : placeOf(value, pairs),
      description: label,
      disabled: false,
    };
    super(controlKind("Dropdown"), state, words, {
      read: ({ index }) => this.pairs[index]![1],
      write: (next) => ({ index: placeOf(next, this.pairs) }),
    });
    this.pairs = pairs;
  }

  /** Replaces the options. The value stays if it is one of the new ones, and is the first of them otherwise. */
  replaceOptions(options: Choices<T>): void {
    const { value } = this;
    this.pairs = pairsOf(options);
    const index = this.pairs.findIndex(([, one]) => Object.is(one, value));
    this.set({ _options_labels: labelsOf(this.pairs), index: Math.max(0, index) });
  }
}

/**
 * Makes a list from which one value is chosen.
 *
 * @throws ConfigError if there is no option, or if the value is not one of them
 */
export const select = <T>(options: SelectOptions<T>): Select<T> => new Select(options);

type Pair<T> = readonly [label: string, value: T];

const labelsOf = (pairs: readonly Pair<unknown>[]) => pairs.map(([label]) => label);

const words = ({ description, _options_labels: labels, index }: SelectState) =>
  named("select", description, `${labels[index]} (of ${labels.join(", ")})`);

function pairsOf<T>(options: Choices<T>): readonly Pair<T>[] {
  const pairs = Array.isArray(options)
    ? options.map((one: T) => [String(one), one] as const)
    : Object.entries(options as Record<string, T>);
  if (pairs.length) return pairs;
  throw wrong("options", "has no entries: at least one is needed");
}

function placeOf<T>(value: T, pairs: readonly Pair<T>[]): number {
  const index = pairs.findIndex(([, one]) => Object.is(one, value));
  if (index >= 0) return index;
  throw wrong("value", `${String(value)} is not one of the options: ${labelsOf(pairs).join(", ")}`);
}

const wrong = (path: string, message: string) => new ConfigError("select", [{ path, message }]);
