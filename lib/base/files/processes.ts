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

/** The marker of a zombie: a process that has ended but whose parent has not collected its status. */
const ENDED = "ended";

/**
 * Returns the start time of a process, in clock ticks since boot. It distinguishes a later process that has the same number. Empty where
 * the system does not provide it.
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
 * Returns the boot ID and the process-number namespace, which together make process numbers unique: containers can share a host's name,
 * but not its processes. Empty where the system does not provide them.
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
