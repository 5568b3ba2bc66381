import type fc from "fast-check";
import { ConfigError } from "../../lib/base/config";

/** A part of the product that reads foreign input, and the functions that feed it hostile input. */
export interface Family<Input = unknown> {
  /** The generator of an input. Inputs are plain data, mostly edits of a valid file, so that a failing one can be printed and read. */
  readonly inputs: fc.Arbitrary<Input>;
  /**
   * Makes the valid files that are changed.
   *
   * @param folder an empty folder for the family's files
   * @returns a function that feeds one input; it throws whatever the product throws
   */
  prepare(folder: string): Promise<(input: Input) => unknown> | ((input: Input) => unknown);
  /** Whether an error is one that is meant for users. Default: it is a `ConfigError`. */
  isTyped?(error: unknown): boolean;
}

/** Hides the input type of a family after its definition, so that families can be listed. */
export const defineFamily = <Input>(defined: Family<Input>): Family => defined as unknown as Family;

export const isConfigError = (error: unknown): boolean => error instanceof ConfigError;

/** Fails when the product accepted invalid input or rejected valid input. */
export function require(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** The files of all families by name, the slowest first; each exports `family`. */
export const FAMILIES: Readonly<Record<string, string>> = {
  "run folders": "./families/run-folder",
  checkpoints: "./families/checkpoint",
  "model configurations": "./families/model",
  "session configurations": "./families/session-config",
  "HDF5 sessions": "./families/hdf5",
  "numpy files": "./families/numpy",
  "PyTorch files": "./families/torch",
  "hub messages": "./families/hub",
  "papermill parameters": "./families/papermill",
  "flags of train": "./families/flags",
  "kernel messages": "./families/kernel",
};
