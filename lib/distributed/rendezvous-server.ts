import { createServer, type Server, type Socket } from "node:net";
import type { Fault } from "./logs";
import { isSameKey, LOOPBACK } from "./meeting";
import { type FromWorker, fromWorker, receive, send, type ToWorker } from "./messages";
import { PendingConnections } from "./ports";
import { justJoined, Watch, type Watched, type WatchOptions } from "./watch";

/** The options of `RendezvousServer`. */
export interface RendezvousServerOptions extends WatchOptions {
  /** The address to listen at. Default: all addresses of this host. */
  readonly address?: string;
  /** The port; 0 takes any free one. */
  readonly port: number;
  /** The key that a process needs to join. */
  readonly key: string;
  /** Called with the first fault, after all workers received the message to end. */
  onFault(fault: Fault): void;
  /** Called with a message from a worker to the process that started it. */
  onTell?(rank: number, what: unknown): void;
}

interface Member extends Watched {
  readonly socket: Socket;
  readonly host: string;
  readonly port: number;
}

/** The maximum bytes of a message: of a request to join, and of a worker's message, which may contain the history of a long run. */
const LONGEST = { stranger: 4096, worker: 256 * 2 ** 20 };
const TICK = 1000;
/** The milliseconds from a lost connection to its report as a fault. */
const REPORT_DELAY = 1500;

/**
 * The rendezvous server of processes that train together. Each process sends its address, and the server sends all
 * addresses to all processes. When a process dies, throws, stops responding or makes no progress, the server ends all
 * of them. It runs in the process that started the workers, or in a thread of rank 0.
 */
export class RendezvousServer {
  private readonly members = new Map<number, Member>();
  private readonly server: Server;
  private readonly ticks: NodeJS.Timeout;
  private readonly watch: Watch;
  private readonly pending = new PendingConnections();
  private ended = false;

  constructor(private readonly options: RendezvousServerOptions) {
    this.watch = new Watch(this.members, options);
    this.server = createServer((socket) => this.welcome(socket));
    this.ticks = setInterval(() => this.tick(), TICK);
  }

  /** Starts to listen. @returns the port. @throws Error when the port is in use */
  async listen(): Promise<number> {
    const { address, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", (error: NodeJS.ErrnoException) => {
        this.close();
        reject(new Error(listenProblem(error, address ?? "this host", port)));
      });
      this.server.listen({ port, ...(address === undefined ? {} : { host: address }) }, resolve);
    });
    const bound = this.server.address();
    return typeof bound === "object" && bound ? bound.port : port;
  }

  /** Asks all processes to stop at the same batch. */
  stop(reason: string): void {
    this.broadcast({ say: "stop", reason });
  }

  /**
   * Reports a fault that the server cannot detect itself, such as the exit of a rank's process. Only the first fault
   * counts.
   */
  fault(fault: Fault): void {
    if (this.ended) return;
    this.ended = true;
    this.broadcast({ say: "abort", reason: `rank ${fault.rank}: ${fault.message}` });
    this.options.onFault(fault);
  }

  /** Whether the others depend on a rank, so that it must not end. */
  isNeeded(rank: number): boolean {
    return this.members.get(rank)?.state !== "idle";
  }

  close(): void {
    this.ended = true;
    clearInterval(this.ticks);
    this.server.close();
    this.pending.close();
    for (const { socket } of this.members.values()) socket.end();
  }

  private welcome(socket: Socket): void {
    let rank: number | undefined;
    socket.on("error", () => {});
    socket.setNoDelay(true);
    this.pending.enter(socket);
    receive(socket, {
      schema: fromWorker,
      limit: () => (rank === undefined ? LONGEST.stranger : LONGEST.worker),
      take: (message) => {
        if (rank !== undefined && message.say !== "join") this.hear(rank, message);
        else if (message.say === "join" && this.pending.isWaiting(socket) && this.admit(socket, message))
          rank = message.rank;
        else socket.destroySoon();
      },
    });
    socket.on("close", () => {
      if (rank === undefined || !this.isNeeded(rank)) return;
      const fault = { rank, message: "its process ended" };
      // The process that started the worker knows the cause better and reports it within this time.
      setTimeout(() => this.fault(fault), REPORT_DELAY);
    });
  }

  private admit(socket: Socket, joining: FromWorker & { say: "join" }): boolean {
    const { worldSize, key } = this.options;
    if (!isSameKey(joining.key, key)) {
      send(socket, { say: "stranger" });
      return false;
    }
    this.pending.leave(socket);
    const refuse = (reason: string) => {
      send(socket, { say: "abort", reason });
      return false;
    };
    if (joining.worldSize !== worldSize)
      return refuse(`rank ${joining.rank} has WORLD_SIZE ${joining.worldSize}, but rank 0 has ${worldSize}`);
    if (joining.rank >= worldSize)
      return refuse(`rank ${joining.rank} is not below WORLD_SIZE, which is ${worldSize}`);
    if (this.members.has(joining.rank)) return refuse(`there are two processes with rank ${joining.rank}`);
    const { port, host = plain(socket.remoteAddress!) } = joining;
    this.members.set(joining.rank, { socket, host, port, ...justJoined() });
    send(socket, { say: "welcome" });
    if (this.members.size === worldSize)
      this.broadcast({ say: "start", addresses: this.addresses(), peers: this.peers() });
    return true;
  }

  /**
   * Returns the processes' addresses. Processes on this host use the loopback among themselves, which other hosts cannot reach: then they
   * have the address of this host that another one connected to.
   */
  private addresses(): string[] {
    const members = Array.from({ length: this.options.worldSize }, (_, rank) => this.members.get(rank)!);
    const remote = members.find(({ host, socket }) => !isHere(host, socket));
    const here = remote ? plain(remote.socket.localAddress!) : LOOPBACK;
    return members.map(({ host, port, socket }) => {
      const seen = isHere(host, socket) ? here : host;
      return `${seen.includes(":") ? `[${seen}]` : seen}:${port}`;
    });
  }

  /** Returns the source and destination addresses of the processes' connections. */
  private peers(): string[] {
    const seen = [...this.members.values()].flatMap(({ socket }) => [
      plain(socket.remoteAddress ?? ""),
      plain(socket.localAddress ?? ""),
    ]);
    return [...new Set(seen)].filter(Boolean);
  }

  private hear(rank: number, message: Exclude<FromWorker, { say: "join" }>): void {
    const member = this.members.get(rank)!;
    member.silent = 0;
    switch (message.say) {
      case "beat": {
        const { moves, step, waiting } = message;
        Object.assign(member, { moves, step, waiting });
        break;
      }
      case "busy":
      case "done":
        member.state = message.say;
        this.releaseAll();
        break;
      case "tell":
        this.options.onTell?.(rank, message.what);
        break;
      case "failed": {
        const { message: what, stack, consequence } = message;
        setTimeout(() => this.fault({ rank, message: what, stack }), consequence ? 2 * REPORT_DELAY : 0);
        break;
      }
      case "unreachable": {
        const { rank: other, address, reason } = message;
        const why =
          `it cannot reach rank ${other} at ${address} (${reason}): a firewall between the hosts, or an ` +
          "address that only its own host knows. Open the ports between the hosts, or set GRADBOOK_HOST on each to an address that the others reach.";
        this.fault({ rank, message: why });
      }
    }
  }

  /** Lets the processes end once all are done, because a process whose sum is complete may still be sending data to a neighbour. */
  private releaseAll(): void {
    const members = [...this.members.values()];
    if (members.length < this.options.worldSize || members.some(({ state }) => state !== "done")) return;
    for (const member of members) member.state = "idle";
    this.broadcast({ say: "part" });
  }

  private tick(): void {
    if (this.ended) return;
    this.broadcast({ say: "ping" });
    const fault = this.watch.tick();
    if (fault) this.fault(fault);
  }

  private broadcast(message: ToWorker): void {
    for (const { socket } of this.members.values()) send(socket, message);
  }
}

/** Whether a host is this one: a loopback, or the address at both ends of the connection. */
const isHere = (host: string, { localAddress = "" }: Socket) =>
  host === "::1" || host.startsWith("127.") || host === plain(localAddress);

/** Removes the IPv6 prefix of an IPv4 address. */
const plain = (address: string) => address.replace(/^::ffff:/, "");

function listenProblem({ code = "", message }: NodeJS.ErrnoException, address: string, port: number): string {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${address} is taken by another program: give another MASTER_PORT, or end that program.`,
    EADDRNOTAVAIL: `${address} is not an address of this host, but MASTER_ADDR must be the address of rank 0.`,
  };
  return reasons[code] ?? `${address}:${port} cannot be opened for listening: ${message}`;
}
