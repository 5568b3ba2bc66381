import { ConfigError } from "./errors";

/** The location of a component's options in a configuration, so that every error can name the file and the key. */
export interface Place {
  /** The file, or the function that was called. */
  readonly where: string;
  /** Dotted key path inside it. */
  readonly path: string;
}

/** Returns the place of a key below `at`. */
export function below(at: Place, key: string | number): Place {
  return { where: at.where, path: at.path ? `${at.path}.${key}` : String(key) };
}

/** Returns the error for one problem at a place. */
export function problemAt({ where, path }: Place, message: string, options?: ErrorOptions): ConfigError {
  return new ConfigError(where, [{ path, message }], options);
}
