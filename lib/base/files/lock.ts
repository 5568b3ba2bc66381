import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { ConfigError } from "../config";
import { fromJson } from "./atomic";
import { isRunning, machine, startOf } from "./processes";

/** The process that holds a lock. `since` is the time when it took the lock, in ISO 8601; `machine` and `started` as in `processes.ts`. */
const holderSchema = z.object({
  host: z.string(),
  pid: z.int().positive(),
  since: z.string(),
  machine: z.string(),
  started: z.string(),
});
type Holder = z.output<typeof holderSchema>;

/** The interval at which a holder refreshes its lock, and the age at which another machine's lock counts as stale, in ms. */
const REFRESH = 15_000;
const SILENT = 180_000;

/**
 * A lock file that names the process writing into a folder. A stale lock is taken over. On the same machine, a lock is stale when its
 * process has ended; on another machine, when it has not been refreshed for three minutes.
 */
export class Lock {
  private readonly refreshing: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {
    this.refreshing = setInterval(() => refresh(path), REFRESH);
    this.refreshing.unref();
  }

  /**
   * @param path the lock's file
   * @param what the name of the locked thing, for the error
   * @param instead what to do other than wait, for the error
   * @throws ConfigError that names the holder
   * @throws the system's error when the file cannot be written
   */
  static take(path: string, what: string, instead: string): Lock {
    const { pid } = process;
    const since = new Date().toISOString();
    const mine: Holder = { host: hostname(), pid, since, machine: machine(), started: startOf(pid) };
    const content = `${JSON.stringify(mine)}\n`;
    while (!created(path, content)) {
      const found = readIfThere(path);
      if (found === undefined) continue;
      const holder = holderSchema.safeParse(fromJson(found)).data;
      if (isHeld(path, holder)) throw refusal(path, { what, instead }, holder);
      removeStale(path, found);
    }
    return new Lock(path, content);
  }

  release(): void {
    clearInterval(this.refreshing);
    if (readIfThere(this.path) === this.content) rmSync(this.path, { force: true });
  }
}

/** Creates a file with the given content. @returns false when the file already exists */
function created(path: string, content: string): boolean {
  let file: number;
  try {
    file = openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(file, content);
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Whether a lock is still held. A lock without a readable holder is either being written or was left empty by a system crash. */
function isHeld(path: string, holder: Holder | undefined): boolean {
  if (holder && holder.host === hostname() && holder.machine === machine())
    return isRunning(holder.pid) && holder.started === startOf(holder.pid);
  try {
    return Date.now() - statSync(path).mtimeMs < SILENT;
  } catch {
    return false;
  }
}

/** Removes a stale lock. When several processes find the same one, only one removes it; a lock that is new by then is restored. */
function removeStale(path: string, content: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readIfThere(aside) === content) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function refusal(
  path: string,
  { what, instead }: { what: string; instead: string },
  holder: Holder | undefined,
): ConfigError {
  const { host, pid, since } = holder ?? {};
  const here = host === hostname();
  const who = !holder
    ? "another process"
    : here && pid === process.pid
      ? `another fit of this process (${pid} on ${host}, since ${since})`
      : `process ${pid} on ${host} since ${since}`;
  const gone = here ? "" : `; if that process is gone, remove ${path}`;
  const message = `is in use by ${who}; wait until it has ended, or ${instead}${gone}`;
  return new ConfigError(what, [{ path: "", message }]);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function refresh(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The next refresh may succeed; the lock stays held until then.
  }
}

/** Whether a running process holds the lock. @param path the lock's file */
export function isLocked(path: string): boolean {
  const found = readIfThere(path);
  return found !== undefined && isHeld(path, holderSchema.safeParse(fromJson(found)).data);
}
