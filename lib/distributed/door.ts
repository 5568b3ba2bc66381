import type { Socket } from "node:net";

/** Connections that have not given the key yet. */
const MOST = 64;
/** Milliseconds in which a connection must give it. A worker does so at once. */
const PATIENCE = 10_000;

/**
 * Keeps connections that have not given the key, few and for a short time. When there are too many, the one that has waited
 * longest is closed: a flood of strangers cannot keep out workers, who give the key at once.
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

  /** The connection gave the key, or is gone. */
  leave(socket: Socket): void {
    clearTimeout(this.waiting.get(socket));
    this.waiting.delete(socket);
  }

  isWaiting(socket: Socket): boolean {
    return this.waiting.has(socket);
  }

  /** Closes all connections that wait. */
  close(): void {
    for (const socket of [...this.waiting.keys()]) {
      this.leave(socket);
      socket.destroy();
    }
  }
}
