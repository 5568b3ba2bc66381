import { rmSync } from "node:fs";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { TensorFlowError } from "../engine";
import { Collectives, joinCluster } from "../engine/collectives";
import { addressesOf, fenceCluster } from "../engine/fence";
import { type ClusterEnvironment, isLocal } from "./cluster-environment";
import { type Invitation, LOOPBACK, type Meeting, newKey, ownAddresses, writeInvitation } from "./meeting";
import { type FromWorker, PROGRESS } from "./messages";
import { freePort, hostOf, reachable } from "./ports";
import type { RendezvousEvent, RendezvousThreadData } from "./rendezvous-thread";

/** The options of `RendezvousClient`. */
export interface RendezvousClientOptions {
  /** Whether the rendezvous server runs in the process that started this one. Default false: it runs in rank 0. */
  readonly supervised: boolean;
  /** The way to rank 0. If it has a file, rank 0 writes it, and removes it when all have joined. */
  readonly meeting: Meeting;
  /** Seconds; see `RendezvousServerOptions`. */
  readonly watchdog: number;
  readonly joinTimeout: number;
  /** This host's address for the other processes. Default: the address from which it connects to the rendezvous server. */
  readonly host?: string;
}

type Start = RendezvousEvent & { say: "start" };

/**
 * Prepares rank 0 to receive the others, and writes the invitation if the meeting has a file.
 *
 * @param host this host's address for the other processes, if it was given
 * @returns the address and the port at which it must listen (no address: all of this host), and its own way to them
 */
async function host0(place: ClusterEnvironment, { file, ...known }: Meeting, host: string | undefined) {
  const { key = newKey(), port = place.port ?? (await freePort()) } = known;
  const address = isLocal(place) ? LOOPBACK : place.address;
  if (file) {
    const addresses =
      address === undefined ? [...(host === undefined ? [] : [host]), ...ownAddresses()] : [address];
    writeInvitation(file, { addresses, port, key });
  }
  const meeting: Invitation = { addresses: [address ?? LOOPBACK], port, key };
  return { meeting, server: { ...(address === undefined ? {} : { address }), port, key } };
}

/** The messages of TensorFlow's errors in one process after another one ended. */
const BROKEN_OFF = /Collective ops is aborted|recvmsg|Connection (reset|refused)|Socket closed/i;
/** The milliseconds within which the rendezvous server determines which process failed first. */
const VERDICT = 5000;

/** The connection of this process to those that it trains with. */
export class RendezvousClient {
  readonly rank: number;
  readonly worldSize: number;
  /** The reason for a requested stop of all processes. */
  stopReason: string | undefined;
  readonly collectives: Collectives;
  private stopped: (reason: string) => void = () => {};
  private parted: () => void = () => {};
  private aborted: () => void = () => {};
  private readonly unsent: (() => void)[] = [];

  private constructor(
    readonly place: ClusterEnvironment,
    private readonly thread: Worker,
    private readonly progress: Int32Array,
  ) {
    this.rank = place.rank;
    this.worldSize = place.worldSize;
    this.collectives = new Collectives();
    thread.on("message", (event: RendezvousEvent) => {
      if (event.say === "sent") this.unsent.shift()?.();
      if (event.say === "part") this.parted();
      if (event.say === "abort") this.aborted();
      if (event.say !== "stop") return;
      this.stopReason = event.reason;
      this.stopped(event.reason);
    });
  }

  /**
   * Joins the other processes through the rendezvous server, and connects TensorFlow to their cluster.
   *
   * @throws Error when the rendezvous server or another rank cannot be reached, or a port is in use
   */
  static async join(place: ClusterEnvironment, options: RendezvousClientOptions): Promise<RendezvousClient> {
    const { rank, worldSize } = place;
    const { meeting, watchdog, joinTimeout, supervised, host } = options;
    const own = await freePort();
    const progress = new Int32Array(new SharedArrayBuffer(PROGRESS.length * Int32Array.BYTES_PER_ELEMENT));
    const hosting = rank === 0 && !supervised ? await host0(place, meeting, host) : undefined;
    const data: RendezvousThreadData = {
      join: { say: "join", rank, worldSize, port: own, ...(host === undefined ? {} : { host }) },
      meeting: hosting?.meeting ?? meeting,
      progress,
      joinTimeout,
      expectPings: !supervised,
      ...(hosting ? { server: { ...hosting.server, worldSize, watchdog, joinTimeout } } : {}),
    };
    const thread = new Worker(join(__dirname, `rendezvous-thread${extname(__filename)}`), {
      workerData: data,
    });
    const { addresses, peers } = await new Promise<Start>((resolve, reject) => {
      thread.on("message", (event: RendezvousEvent) => {
        if (event.say === "start") resolve(event);
        if (event.say === "refused" || event.say === "abort") reject(new Error(event.reason));
      });
      thread.once("error", reject);
    }).finally(() => {
      if (hosting && meeting.file) rmSync(meeting.file, { force: true });
    });
    const senders = await addressesOf([...addresses.map(hostOf), ...peers]);
    joinCluster({ rank, addresses });
    const fence = fenceCluster(own, senders);
    if (fence.notice && (rank === 0 || fence.failed)) console.warn(`gradbook: ${fence.notice}`);
    const client = new RendezvousClient(place, thread, progress);
    await client.greet(addresses);
    return client;
  }

  /** Registers a callback that is called once when a stop of all processes is requested; immediately if it was requested before. */
  onStop(take: (reason: string) => void): void {
    this.stopped = take;
    if (this.stopReason !== undefined) take(this.stopReason);
  }

  /** Records progress. Each step calls this twice; in between, the process waits for the others. */
  moved(step: number, state: "waiting" | "working"): void {
    Atomics.store(this.progress, PROGRESS.step, step);
    Atomics.store(this.progress, PROGRESS.waiting, Number(state === "waiting"));
    Atomics.add(this.progress, PROGRESS.moves, 1);
  }

  /** Announces that the others depend on this process from now on. */
  async begin(): Promise<void> {
    this.thread.ref();
    await this.say({ say: "busy" });
  }

  /**
   * Announces that this process needs nothing more from the others, and waits until that holds for all, because they may still read from
   * it.
   */
  async part(): Promise<void> {
    const parted = new Promise<void>((resolve) => {
      this.parted = resolve;
    });
    await this.say({ say: "done" });
    await parted;
    // Allows a program without further work to exit.
    this.thread.unref();
  }

  /** Sends a message to the process that started this one. */
  async tell(what: unknown): Promise<void> {
    return this.say({ say: "tell", what });
  }

  /** Ends all processes because this one cannot continue. */
  async fail(error: unknown): Promise<void> {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    const consequence = error instanceof TensorFlowError && BROKEN_OFF.test(message);
    const aborted = new Promise<void>((resolve) => {
      this.aborted = resolve;
    });
    await this.say({ say: "failed", message, stack, consequence });
    // The rendezvous server, which may run in this process, determines which process failed first, and ends all.
    const verdict = new Promise((resolve) => setTimeout(resolve, VERDICT));
    await (consequence ? verdict : Promise.race([aborted, verdict]));
    // Allows the program to exit with its own code.
    this.thread.unref();
  }

  private async say(message: FromWorker): Promise<void> {
    this.thread.postMessage(message);
    return new Promise((resolve) => {
      this.unsent.push(resolve);
    });
  }

  /** Checks that all addresses are reachable. Otherwise, a sum would wait forever for connections that a firewall drops. */
  private async greet(addresses: readonly string[]): Promise<void> {
    for (const [rank, address] of addresses.entries()) {
      const reason = rank === this.rank ? undefined : await reachable(address);
      if (reason !== undefined) await this.say({ say: "unreachable", rank, address, reason });
    }
  }
}
