import { randomInt } from "node:crypto";
import { createConnection, createServer, type Socket } from "node:net";

/**
 * The range of ports. It lies below the ports that Linux assigns to outgoing connections, so that a free port stays free until it is
 * used.
 */
const RANGE = { first: 20_000, last: 32_000 };
const TRIES = 50;

/** Returns a port without a listener. @throws Error when none is found */
export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(RANGE.first, RANGE.last);
    if (await canListen(port)) return port;
  }
  throw new Error(`No free port was found between ${RANGE.first} and ${RANGE.last}.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** The milliseconds to wait for an answer. The system reports an unused address after about three seconds. */
export const ANSWER_WITHIN = 5000;
/** The milliseconds to wait for another process to listen, and between attempts. */
const LISTEN_WITHIN = 60_000;
const TRY_EVERY = 100;

/**
 * Waits until a connection to `host:port` can be made.
 *
 * @returns the system's reason when the connection fails
 */
export async function reachable(address: string): Promise<string | undefined> {
  const [host, port] = [hostOf(address), Number(address.slice(address.lastIndexOf(":") + 1))];
  const began = Date.now();
  for (;;) {
    const tried = await connect(host, port);
    if (typeof tried !== "string") {
      tried.destroy();
      return undefined;
    }
    // A busy host may take long to start TensorFlow, and refuses connections until then.
    const limit = tried === "ECONNREFUSED" ? LISTEN_WITHIN : ANSWER_WITHIN;
    if (Date.now() + TRY_EVERY > began + limit) return tried;
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY));
  }
}

/** Returns the host of `host:port`, or of `[host]:port` for IPv6. */
export const hostOf = (address: string): string =>
  address.slice(0, address.lastIndexOf(":")).replace(/[[\]]/g, "");

/** Connects to a port. @returns the connection, or the system's code of an error when it fails */
export function connect(host: string, port: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.setTimeout(ANSWER_WITHIN, () => {
      socket.destroy();
      resolve("ETIMEDOUT");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

/** The maximum number of connections that have not authenticated yet. */
const MOST = 64;
/** The milliseconds within which a connection must send the key. A worker sends it immediately. */
const LISTEN_PATIENCE = 10_000;

/**
 * Limits the number and duration of unauthenticated connections. When there are too many, it closes the oldest one, so that a flood of
 * foreign connections cannot block workers, which send the key immediately.
 */
export class PendingConnections {
  private readonly waiting = new Map<Socket, NodeJS.Timeout>();

  enter(socket: Socket): void {
    const [longest] = this.waiting.keys();
    if (longest && this.waiting.size >= MOST) longest.destroy();
    this.waiting.set(
      socket,
      setTimeout(() => socket.destroy(), LISTEN_PATIENCE),
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
