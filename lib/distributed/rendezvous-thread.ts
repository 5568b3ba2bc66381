import { writeSync } from "node:fs";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { enter, type JoinRequest } from "./entrance";
import type { Meeting } from "./meeting";
import { type FromWorker, PROGRESS, send, type ToWorker } from "./messages";
import { Preparation } from "./preparation";
import { RendezvousServer, type RendezvousServerOptions } from "./rendezvous-server";

/** The data that the thread starts with. */
export interface RendezvousThreadData {
  readonly join: JoinRequest;
  readonly meeting: Meeting;
  /** `PROGRESS`, written by the main thread. */
  readonly progress: Int32Array;
  /** The options of the rendezvous server, in rank 0 of processes that were started externally. */
  readonly server?: Omit<RendezvousServerOptions, "onFault" | "onTell">;
  /** Seconds to wait for the rendezvous server. */
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

const BEAT_EVERY = 500;
/**
 * The milliseconds without a message after which the rendezvous server, which sends one every second, counts as
 * unreachable.
 */
const SILENT_FOR = 9000;

/** Ends the process immediately, regardless of the main thread. */
function endProcess(reason: string): never {
  try {
    // Written directly, because `process.stderr` would need the main thread.
    writeSync(2, `gradbook: rank ${data.join.rank} ends: ${reason}\n`);
  } catch {
    // The process that reads the output has ended.
  }
  process.kill(process.pid, "SIGKILL");
  throw new Error(reason);
}

let heard = Date.now();
let needed = true;
/** The moves of the main thread when the present training began. */
let begun = 0;
/** Milliseconds in which the main thread can report why it must end. A process that failed has time to exit by itself, with its own code. */
const LAST_WORDS = { others: 300, failed: 5000 };
/** Whether this process reported that it cannot continue. */
let failed = false;
/** The reason to end when the connection closes. */
let closing = "the process that it belongs to has ended";

async function run(): Promise<void> {
  if (data.server) await new RendezvousServer({ ...data.server, onFault: () => {} }).listen();
  const socket = await enter({ ...data, hear });
  socket.on("close", () => {
    if (needed) endSoon();
  });
  const preparation = new Preparation();
  setInterval(() => {
    const [moves, step, waiting] = [PROGRESS.moves, PROGRESS.step, PROGRESS.waiting].map((at) =>
      Atomics.load(data.progress, at),
    );
    // Before the first step of a training, when the process loads its sessions, nothing else shows that it goes on.
    if (moves === begun) preparation.look();
    send(socket, { say: "beat", moves: moves! + preparation.moves, step: step!, waiting: waiting === 1 });
    if (needed && data.expectPings && Date.now() - heard > SILENT_FOR)
      endProcess("rank 0 or its host does not answer");
  }, BEAT_EVERY);
  main.on("message", (message: FromWorker) => {
    if (message.say === "failed") failed = !message.consequence;
    if (message.say === "busy") {
      needed = true;
      begun = Atomics.load(data.progress, PROGRESS.moves);
    }
    send(socket, message, () => main.postMessage({ say: "sent" } satisfies RendezvousEvent));
  });
}

function hear(message: ToWorker): void {
  heard = Date.now();
  if (message.say === "part") needed = false;
  if (message.say !== "ping") main.postMessage(message satisfies RendezvousEvent);
  if (message.say !== "abort") return;
  closing = message.reason;
  endSoon();
}

function endSoon(): void {
  setTimeout(() => endProcess(closing), failed ? LAST_WORDS.failed : LAST_WORDS.others);
}

run().catch((error: Error) =>
  main.postMessage({ say: "refused", reason: error.message } satisfies RendezvousEvent),
);
