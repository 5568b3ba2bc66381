import { createServer, type Server, type Socket } from "node:net";
import { type FromWorker, receive, send, type ToWorker } from "./messages";

/** Why the processes cannot go on together. */
export interface Fault {
  /** The rank where it began. */
  readonly rank: number;
  readonly message: string;
  /** Of an error that the rank threw. */
  readonly stack?: string;
}

export interface HubOptions {
  readonly worldSize: number;
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Only who knows it may join. */
  readonly key: string;
  /** Seconds without progress of all after which the one that holds them up counts as hung. */
  readonly watchdog: number;
  /** Seconds that the first waits for the last to join. */
  readonly joinTimeout: number;
  /** The first fault; all workers have been told to end. */
  onFault(fault: Fault): void;
  /** Something that a worker tells the process that started it. */
  onTell?(rank: number, what: unknown): void;
}

interface Member {
  readonly socket: Socket;
  readonly host: string;
  readonly port: number;
  /** Ticks since it was heard of. */
  silent: number;
  moves: number;
  step: number;
  /** In a step, where it waits for the others. */
  waiting: boolean;
  /** Once all are done they are idle: until then the others depend on it. */
  state: "busy" | "done" | "idle";
}

const TICK = 1000;
/** A process that says nothing for so many seconds is stopped, swapped out, or out of reach: its thread has nothing else to do. */
const SILENT_TICKS = 8;

/**
 * Where processes that train together meet: each says where it listens, all are told of each other, and one that dies, throws,
 * falls silent or does not get on ends them all. Lives beside the work: in the process that started the workers, or in a
 * thread of rank 0.
 */
export class Hub {
  private readonly members = new Map<number, Member>();
  private readonly server: Server;
  private readonly ticks: NodeJS.Timeout;
  private ended = false;
  private idle = 0;
  private moved = 0;
  private waited = 0;

  constructor(private readonly options: HubOptions) {
    this.server = createServer((socket) => this.welcome(socket));
    this.ticks = setInterval(() => this.tick(), TICK);
  }

  /** @returns the port that it listens on. @throws Error when that is taken */
  async listen(): Promise<number> {
    const { address, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", (error: NodeJS.ErrnoException) => {
        this.close();
        const taken = `Port ${port} of ${address} is taken by another program: give another MASTER_PORT, or end that program.`;
        const foreign = `${address} is no address of this host, which as rank 0 must be MASTER_ADDR.`;
        const reasons: Record<string, string> = { EADDRINUSE: taken, EADDRNOTAVAIL: foreign };
        reject(
          new Error(
            reasons[error.code ?? ""] ?? `${address}:${port} cannot be listened on: ${error.message}`,
          ),
        );
      });
      this.server.listen(port, address, resolve);
    });
    const bound = this.server.address();
    return typeof bound === "object" && bound ? bound.port : port;
  }

  /** All are to stop at the same batch. */
  stop(reason: string): void {
    this.broadcast({ say: "stop", reason });
  }

  /** Something happened to a rank that the hub cannot see, such as how its process ended. The first fault stands. */
  fault(fault: Fault): void {
    if (this.ended) return;
    this.ended = true;
    this.broadcast({ say: "abort", reason: `rank ${fault.rank}: ${fault.message}` });
    this.options.onFault(fault);
  }

  /** Whether the others depend on a rank, so that it may not end. */
  isNeeded(rank: number): boolean {
    return this.members.get(rank)?.state !== "idle";
  }

  close(): void {
    this.ended = true;
    clearInterval(this.ticks);
    this.server.close();
    for (const { socket } of this.members.values()) socket.end();
  }

  private welcome(socket: Socket): void {
    let rank: number | undefined;
    socket.on("error", () => {});
    socket.setNoDelay(true);
    receive<FromWorker>(socket, (message) => {
      if (message.say === "join") {
        if (this.admit(socket, message)) rank = message.rank;
      } else if (rank !== undefined) this.hear(rank, message);
    });
    socket.on("close", () => {
      if (rank === undefined || !this.isNeeded(rank)) return;
      const fault = { rank, message: "its process ended" };
      // Who started the process knows better how it ended, and says so within this time.
      setTimeout(() => this.fault(fault), LAST_WORDS);
    });
  }

  private admit(socket: Socket, joining: FromWorker & { say: "join" }): boolean {
    const { worldSize, key } = this.options;
    const refuse = (reason: string) => {
      send(socket, { say: "abort", reason });
      socket.end();
      return false;
    };
    if (joining.key !== key) return refuse("another training listens at this address and port");
    if (joining.worldSize !== worldSize)
      return refuse(`rank ${joining.rank} has WORLD_SIZE ${joining.worldSize}, but rank 0 has ${worldSize}`);
    if (this.members.has(joining.rank)) return refuse(`there are two processes with rank ${joining.rank}`);
    const { port, host = plain(socket.remoteAddress!) } = joining;
    this.members.set(joining.rank, {
      socket,
      host,
      port,
      silent: 0,
      moves: 0,
      step: 0,
      waiting: false,
      state: "busy",
    });
    if (this.members.size === worldSize) this.broadcast({ say: "start", addresses: this.addresses() });
    return true;
  }

  /** Processes on this host came over the loopback, where those of other hosts would not find them. */
  private addresses(): string[] {
    const members = Array.from({ length: this.options.worldSize }, (_, rank) => this.members.get(rank)!);
    const isLocal = (host: string) => host === "::1" || host.startsWith("127.");
    const remote = members.find(({ host }) => !isLocal(host));
    const here = remote && plain(remote.socket.localAddress!);
    return members.map(({ host, port }) => {
      const seen = here !== undefined && isLocal(host) ? here : host;
      return `${seen.includes(":") ? `[${seen}]` : seen}:${port}`;
    });
  }

  private hear(rank: number, message: FromWorker): void {
    const member = this.members.get(rank)!;
    member.silent = 0;
    if (message.say === "beat") Object.assign(member, message);
    else if (message.say === "busy" || message.say === "done") {
      member.state = message.say;
      this.part();
    } else if (message.say === "tell") this.options.onTell?.(rank, message.what);
    else if (message.say === "failed") {
      const { consequence, say: _, ...fault } = message;
      setTimeout(() => this.fault({ rank, ...fault }), consequence ? 2 * LAST_WORDS : 0);
    } else if (message.say === "unreachable")
      this.fault({
        rank,
        message:
          `it cannot reach rank ${message.rank} at ${message.address} (${message.reason}): a firewall between the hosts, or an ` +
          "address that only its own host knows. Open the ports between the hosts, or set GRADBOOK_HOST on each to an address that the others reach.",
      });
  }

  /** A process whose sum is complete may still be sending its part to a neighbour: none ends before all are done. */
  private part(): void {
    const members = [...this.members.values()];
    if (members.length < this.options.worldSize || members.some(({ state }) => state !== "done")) return;
    for (const member of members) member.state = "idle";
    this.broadcast({ say: "part" });
  }

  private tick(): void {
    if (this.ended) return;
    this.broadcast({ say: "ping" });
    const { worldSize, watchdog, joinTimeout } = this.options;
    const members = [...this.members];
    if (members.length < worldSize) {
      this.waited++;
      if (members.length > 0 && this.waited >= joinTimeout) {
        const missing = Array.from({ length: worldSize }, (_, rank) => rank).filter(
          (rank) => !this.members.has(rank),
        );
        this.fault({
          rank: missing[0]!,
          message: `it did not join within ${joinTimeout} s (missing: rank ${missing.join(", ")})`,
        });
      }
      return;
    }
    for (const [rank, member] of members) {
      if (member.state === "idle" || ++member.silent < SILENT_TICKS) continue;
      this.fault({ rank, message: `its process or host has not answered for ${SILENT_TICKS} s` });
      return;
    }
    const moved = members.reduce((sum, [, { moves }]) => sum + moves, 0);
    this.idle = moved === this.moved ? this.idle + 1 : 0;
    this.moved = moved;
    if (this.idle >= watchdog && members.every(([, { state }]) => state !== "idle")) this.hung(members);
  }

  /** Whoever is neither done nor in a step, where the others wait for it, holds them up. */
  private hung(members: readonly (readonly [number, Member])[]): void {
    const [rank, { step, waiting }] =
      members.find(([, member]) => member.state === "busy" && !member.waiting) ?? members[0]!;
    this.fault({
      rank,
      message: `it has not got on for ${this.options.watchdog} s, ${waiting ? "in" : "after"} step ${step}`,
    });
  }

  private broadcast(message: ToWorker): void {
    for (const { socket } of this.members.values()) send(socket, message);
  }
}

/** IPv4 as it is written without IPv6. */
const plain = (address: string) => address.replace(/^::ffff:/, "");

/** Milliseconds between a lost connection and calling it a fault. */
const LAST_WORDS = 1500;
