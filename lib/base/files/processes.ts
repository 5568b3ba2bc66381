import { readFileSync, readlinkSync } from "node:fs";

/** Whether a process of this machine is running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return startOf(pid) !== ENDED;
}

/** A process that has ended, but that its parent has not asked about. */
const ENDED = "ended";

/**
 * When a process started, by the clock of the system's start: a later process with the same number has another one. Empty where the
 * system does not tell.
 */
export function startOf(pid: number): string {
  return orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): the state and, as the 22nd field, the time; the command before them may hold spaces and parentheses.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? ENDED : rest[18]!;
  });
}

/**
 * The system's start and the namespace in which numbers of processes are unique: containers can share a host's name, but not its
 * processes. Empty where the system does not tell.
 */
export function machine(): string {
  return orEmpty(
    () =>
      `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`,
  );
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
