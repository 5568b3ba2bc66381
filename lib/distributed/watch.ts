import type { Fault } from "./logs";

/** The known state of a process. */
export interface Watched {
  /** The number of ticks since its last message. */
  silent: number;
  /** A counter that grows whenever the process makes progress. */
  moves: number;
  step: number;
  /** Whether it is in a step, where it waits for the others. */
  waiting: boolean;
  /** Processes become idle once all are done; until then the others depend on each. */
  state: "busy" | "done" | "idle";
}

/** Returns the state of a process that has just joined. */
export const justJoined = (): Watched => ({ silent: 0, moves: 0, step: 0, waiting: false, state: "busy" });

/** The options of `Watch`. */
export interface WatchOptions {
  readonly worldSize: number;
  /** The seconds without any progress after which the process that blocks the others counts as hung. */
  readonly watchdog: number;
  /** The seconds that the first process waits for the last one to join. */
  readonly joinTimeout: number;
}

/**
 * The seconds without a message after which a process counts as stopped, swapped out or unreachable. Its thread has no other work that
 * could delay messages.
 */
const SILENT_TICKS = 8;

/** Monitors whether all processes that train together join, respond and make progress. */
export class Watch {
  /** The number of ticks since any process made progress, and the total progress at that time. */
  private idle = 0;
  private moved = 0;
  /** The number of ticks spent waiting for all to join. */
  private waited = 0;

  constructor(
    private readonly members: ReadonlyMap<number, Watched>,
    private readonly options: WatchOptions,
  ) {}

  /** Checks the processes; called every second. @returns a fault, if there is one */
  tick(): Fault | undefined {
    if (this.members.size < this.options.worldSize) return this.unjoined();
    return this.unheard() ?? this.hung();
  }

  private unjoined(): Fault | undefined {
    const { worldSize, joinTimeout } = this.options;
    this.waited++;
    if (this.members.size === 0 || this.waited < joinTimeout) return undefined;
    const missing = Array.from({ length: worldSize }, (_, rank) => rank).filter(
      (rank) => !this.members.has(rank),
    );
    const message = `it did not join within ${joinTimeout} s (missing: rank ${missing.join(", ")})`;
    return { rank: missing[0]!, message };
  }

  private unheard(): Fault | undefined {
    for (const [rank, member] of this.members)
      if (member.state !== "idle" && ++member.silent >= SILENT_TICKS)
        return { rank, message: `its process or host has not answered for ${SILENT_TICKS} s` };
    return undefined;
  }

  /** Finds the process that blocks the others: one that is neither done nor in a step. */
  private hung(): Fault | undefined {
    const members = [...this.members];
    const moved = members.reduce((sum, [, { moves }]) => sum + moves, 0);
    this.idle = moved === this.moved ? this.idle + 1 : 0;
    this.moved = moved;
    const { watchdog } = this.options;
    if (this.idle < watchdog || members.some(([, { state }]) => state === "idle")) return undefined;
    const [rank, { step, waiting }] =
      members.find(([, member]) => member.state === "busy" && !member.waiting) ?? members[0]!;
    const message = `it has made no progress for ${watchdog} s, ${waiting ? "in" : "after"} step ${step}`;
    return { rank, message };
  }
}
