import { writeSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import {
  type FromWorker,
  PROGRESS,
  readSecret,
  receive,
  type Secret,
  send,
  type ToWorker,
  toWorker,
} from "./messages";
import { RendezvousServer, type RendezvousServerOptions } from "./rendezvous-server";

/** The data that the thread starts with. */
export interface RendezvousThreadData {
  readonly join: Omit<FromWorker & { say: "join" }, "key">;
  readonly secret: Secret;
  readonly address: string;
  readonly port: number;
  /** `PROGRESS`, written by the main thread. */
  readonly progress: Int32Array;
  /** The options of the rendezvous server, in rank 0 of processes that were started externally. */
  readonly server?: Omit<RendezvousServerOptions, "onFault" | "onTell">;
  /** Seconds to wait for the rendezvous server to listen. */
  readonly joinTimeout: number;
  /**
   * Whether the rendezvous server sends pings. It then has its own thread, so that missing pings mean that its host is
   * unreachable.
   */
  readonly expectPings: boolean;
}

/** A message to the main thread: from the rendezvous server, or about a failed connection to it. */
export type RendezvousEvent = ToWorker | { say: "refused"; reason: string } | { say: "sent" };

/*
 * The thread that connects a process to the rendezvous server. As a separate thread, it can respond, and end the
 * process, while the main thread computes or hangs.
 */

const data = workerData as RendezvousThreadData;
const main: MessagePort = parentPort!;

/**
 * The milliseconds to keep trying a host that does not exist or does not answer. A closed port is tried for longer, because it may open
 * later.
 */
const UNREACHABLE_FOR = 6000;
/** The milliseconds to wait for an answer. The system reports an unused address after about three seconds. */
const ANSWER_WITHIN = 5000;
const TRY_EVERY = 200;
const BEAT_EVERY = 500;
/** The milliseconds within which rank 0's key must be visible on this host's file system, which may be slow to update. */
const KEY_WITHIN = 90_000;
const KEY_EVERY = 1000;
/** The maximum bytes of a message from the rendezvous server: enough for the addresses of about ten thousand ranks. */
const LONGEST = 2 ** 20;
/**
 * The milliseconds without a message after which the rendezvous server, which sends one every second, counts as
 * unreachable.
 */
const SILENT_FOR = 9000;

async function connect(): Promise<Socket> {
  const started = Date.now();
  for (;;) {
    const tried = await attempt();
    if (typeof tried !== "string") return tried;
    const waiting = Date.now() - started;
    const closed = tried === "ECONNREFUSED" || tried === "ECONNRESET";
    if (waiting > (closed ? data.joinTimeout * 1000 : UNREACHABLE_FOR))
      throw new Error(
        `Rank ${data.join.rank} cannot reach ${data.address}:${data.port}, where the ranks meet, for ` +
          `${Math.round(waiting / 1000)} s (${tried}): check MASTER_ADDR, MASTER_PORT and the firewall, and that rank 0 runs.`,
      );
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY));
  }
}

function attempt(): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: data.address, port: data.port });
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

/** Ends the process immediately, regardless of the main thread. */
function endProcess(reason: string): never {
  // Written directly, because `process.stderr` would need the main thread.
  writeSync(2, `gradbook: rank ${data.join.rank} ends: ${reason}\n`);
  process.kill(process.pid, "SIGKILL");
  throw new Error(reason);
}

let heard = Date.now();
let needed = true;

async function run(): Promise<void> {
  if (data.server) await new RendezvousServer({ ...data.server, onFault: () => {} }).listen();
  const socket = await enter();
  socket.on("close", () => {
    if (needed) endProcess("the process that it belongs to has ended");
  });
  setInterval(() => {
    const [moves, step, waiting] = [PROGRESS.moves, PROGRESS.step, PROGRESS.waiting].map((at) =>
      Atomics.load(data.progress, at),
    );
    send(socket, { say: "beat", moves: moves!, step: step!, waiting: waiting === 1 });
    if (needed && data.expectPings && Date.now() - heard > SILENT_FOR)
      endProcess("rank 0 or its host does not answer");
  }, BEAT_EVERY);
  main.on("message", (message: FromWorker) => {
    if (message.say === "busy") needed = true;
    send(socket, message, () => main.postMessage({ say: "sent" } satisfies RendezvousEvent));
  });
}

/**
 * Connects repeatedly until the rendezvous server accepts the key. Rank 0 wrote the key before it listened, but this
 * host may still see an older key or none.
 */
async function enter(): Promise<Socket> {
  for (const started = Date.now(); ; ) {
    const socket = await connect();
    if (await isLetIn(socket)) return socket;
    socket.destroy();
    if ("key" in data.secret || Date.now() - started > KEY_WITHIN) throw new Error(whyStranger(data.secret));
    await new Promise((resolve) => setTimeout(resolve, KEY_EVERY));
  }
}

/** Sends the key and waits for the answer. Afterwards, the thread receives every message from the rendezvous server. */
async function isLetIn(socket: Socket): Promise<boolean> {
  const key = readSecret(data.secret);
  if (key === undefined) return false;
  return new Promise((resolve) => {
    const take = (message: ToWorker) => {
      if (message.say === "welcome" || message.say === "stranger") resolve(message.say === "welcome");
      else hear(message);
    };
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => resolve(false));
    receive(socket, { schema: toWorker, limit: () => LONGEST, take });
    send(socket, { ...data.join, key });
  });
}

function hear(message: ToWorker): void {
  heard = Date.now();
  if (message.say === "part") needed = false;
  if (message.say !== "ping") main.postMessage(message satisfies RendezvousEvent);
  // Gives the main thread a short time to report the reason.
  if (message.say === "abort") setTimeout(() => endProcess(message.reason), 300);
}

function whyStranger(secret: Secret): string {
  const at = `the training at ${data.address}:${data.port}`;
  if ("key" in secret)
    return `Rank ${data.join.rank} was refused by ${at}: it is another training, or GRADBOOK_KEY is not the same for all ranks.`;
  return (
    `Rank ${data.join.rank} does not know the key of ${at}, which rank 0 wrote to ${secret.file}: it is another training, or this host ` +
    "does not share the run's folder with rank 0. In that case set GRADBOOK_KEY to the same random text for all ranks."
  );
}

run().catch((error: Error) =>
  main.postMessage({ say: "refused", reason: error.message } satisfies RendezvousEvent),
);
