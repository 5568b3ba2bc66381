import { threadId } from "node:worker_threads";

/** The memory of a cache, which threads share: plain data of shared buffers. */
export interface CacheMemory {
  /** The bytes of all slots, in segments of equally many slots. */
  readonly segments: readonly Uint8Array[];
  readonly slotBytes: number;
  readonly slots: number;
  /** A lock (the thread that holds it, or 0), the number of changes, the next slot to fill, and the session and block in each slot (-1 for none), int32. */
  readonly state: Int32Array;
}

const [LOCK, CHANGES, NEXT, SLOTS] = [0, 1, 2, 3];
/** The largest segment in bytes: one buffer cannot have the size of a large cache. */
const SEGMENT = 2 ** 28;

/** Allocates a cache of `bytes`, at least one slot, for blocks of at most `slotBytes`. The system provides its pages as they are filled. */
export function cacheMemory(bytes: number, slotBytes: number): CacheMemory {
  const slots = Math.max(1, Math.floor(bytes / slotBytes));
  const inSegment = Math.max(1, Math.min(slots, Math.floor(SEGMENT / slotBytes)));
  const segments = Array.from({ length: Math.ceil(slots / inSegment) }, (_, i) => {
    const own = Math.min(inSegment, slots - i * inSegment);
    return new Uint8Array(new SharedArrayBuffer(own * slotBytes));
  });
  const state = new Int32Array(new SharedArrayBuffer(4 * (SLOTS + 2 * slots)));
  state.fill(-1, SLOTS);
  return { segments, slotBytes, slots, state };
}

/** Returns the lock's value while a thread holds it. */
const lockOf = (thread: number) => thread + 1;

/** Releases the lock if a thread holds it, which may have been terminated. */
export function releaseLock({ state }: CacheMemory, thread: number): void {
  Atomics.compareExchange(state, LOCK, lockOf(thread), 0);
  Atomics.notify(state, LOCK, 1);
}

/**
 * A cache of blocks of movies in shared memory, so that the threads of successive passes find each other's blocks. When it is full, the
 * oldest block is replaced: batches are shuffled, so no other order is better.
 */
export class BlockCache {
  /** The slot of each block that is in the cache, as of the change `known`. */
  private readonly slotOf = new Map<string, number>();
  private known = -1;

  constructor(private readonly memory: CacheMemory) {}

  /** Runs a function while no other thread changes the cache. The blocks that it gets are valid until it ends. */
  exclusively<T>(run: () => T): T {
    const { state } = this.memory;
    for (let holder = -1; holder !== 0; ) {
      holder = Atomics.compareExchange(state, LOCK, 0, lockOf(threadId));
      if (holder !== 0) Atomics.wait(state, LOCK, holder);
    }
    try {
      if (state[CHANGES] !== this.known) this.readState();
      return run();
    } finally {
      this.known = state[CHANGES]!;
      releaseLock(this.memory, threadId);
    }
  }

  /** Returns a block, which `read` reads if it is not in the cache. For use inside `exclusively`. */
  block(session: number, block: number, read: (target: Uint8Array) => void): Uint8Array {
    const { state, slots } = this.memory;
    const key = `${session} ${block}`;
    const found = this.slotOf.get(key);
    if (found !== undefined) return this.bytes(found);
    const slot = state[NEXT]!;
    const at = SLOTS + 2 * slot;
    this.slotOf.delete(`${state[at]} ${state[at + 1]}`);
    state[at] = -1;
    state[CHANGES]!++;
    const bytes = this.bytes(slot);
    read(bytes);
    state.set([session, block], at);
    state[NEXT] = (slot + 1) % slots;
    this.slotOf.set(key, slot);
    return bytes;
  }

  private bytes(slot: number): Uint8Array {
    const { segments, slotBytes } = this.memory;
    const inSegment = segments[0]!.length / slotBytes;
    const at = (slot % inSegment) * slotBytes;
    return segments[Math.floor(slot / inSegment)]!.subarray(at, at + slotBytes);
  }

  private readState(): void {
    const { state, slots } = this.memory;
    this.slotOf.clear();
    for (let slot = 0; slot < slots; slot++) {
      const [session, block] = state.subarray(SLOTS + 2 * slot, SLOTS + 2 * slot + 2);
      if (session! >= 0) this.slotOf.set(`${session} ${block}`, slot);
    }
  }
}
