import type { Socket } from "node:net";

/** The maximum number of connections that have not authenticated yet. */
const MOST = 64;
/** The milliseconds within which a connection must send the key. A worker sends it immediately. */
const PATIENCE = 10_000;

/**
 * Limits the number and duration of unauthenticated connections. When there are too many, it closes the oldest one, so that a flood of
 * foreign connections cannot block workers, which send the key immediately.
 */
export class Door {
  private readonly waiting = new Map<Socket, NodeJS.Timeout>();

  enter(socket: Socket): void {
    const [longest] = this.waiting.keys();
    if (longest && this.waiting.size >= MOST) longest.destroy();
    this.waiting.set(
      socket,
      setTimeout(() => socket.destroy(), PATIENCE),
    );
    socket.once("close", () => this.leave(socket));
  }

  /** Removes a connection that authenticated or closed. */
  leave(socket: Socket): void {
    clearTimeout(this.waiting.get(socket));
    this.waiting.delete(socket);
  }

  isWaiting(socket: Socket): boolean {
    return this.waiting.has(socket);
  }

  /** Closes all unauthenticated connections. */
  close(): void {
    for (const socket of [...this.waiting.keys()]) {
      this.leave(socket);
      socket.destroy();
    }
  }
}
