import { ConfigError } from "../config";

/**
 * Calls `write`, which writes into a folder or a file.
 *
 * @returns what `write` returns
 * @throws ConfigError in place of an error of the system, such as a full disk
 */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof ConfigError || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    const message = `cannot be written (${(cause as Error).message}); free some space, or give a folder that you may write`;
    throw new ConfigError(path, [{ path: "", message }], { cause });
  }
}
