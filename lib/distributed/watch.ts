import type { Fault } from "./launch-error";

/** What is known of a process. */
export interface Watched {
  /** Ticks since it was heard of. */
  silent: number;
  /** Grows whenever it gets on. */
  moves: number;
  step: number;
  /** In a step, where it waits for the others. */
  waiting: boolean;
  /** Once all are done they are idle: until then the others depend on it. */
  state: "busy" | "done" | "idle";
}

export const justJoined = (): Watched => ({ silent: 0, moves: 0, step: 0, waiting: false, state: "busy" });

export interface WatchOptions {
  readonly worldSize: number;
  /** Seconds without progress of all after which the one that holds them up counts as hung. */
  readonly watchdog: number;
  /** Seconds that the first waits for the last to join. */
  readonly joinTimeout: number;
}

/** A process that says nothing for so many seconds is stopped, swapped out, or out of reach: its thread has nothing else to do. */
const SILENT_TICKS = 8;

/** Sees whether processes that train together all join, answer and get on. */
export class Watch {
  /** Ticks since somebody got on, and how far all had come then. */
  private idle = 0;
  private moved = 0;
  /** Ticks until all were there. */
  private waited = 0;

  constructor(
    private readonly members: ReadonlyMap<number, Watched>,
    private readonly options: WatchOptions,
  ) {}

  /** Called every second. @returns what it finds wrong */
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

  /** Whoever is neither done nor in a step, where the others wait for it, holds them up. */
  private hung(): Fault | undefined {
    const members = [...this.members];
    const moved = members.reduce((sum, [, { moves }]) => sum + moves, 0);
    this.idle = moved === this.moved ? this.idle + 1 : 0;
    this.moved = moved;
    const { watchdog } = this.options;
    if (this.idle < watchdog || members.some(([, { state }]) => state === "idle")) return undefined;
    const [rank, { step, waiting }] =
      members.find(([, member]) => member.state === "busy" && !member.waiting) ?? members[0]!;
    const message = `it has not got on for ${watchdog} s, ${waiting ? "in" : "after"} step ${step}`;
    return { rank, message };
  }
}
