import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { invitationOf, type Meeting } from "./meeting";
import { type FromWorker, receive, send, type ToWorker, toWorker } from "./messages";
import { ANSWER_WITHIN, connect } from "./ports";

/** The request of a process to join the others, without its key. */
export type JoinRequest = Omit<FromWorker & { say: "join" }, "key">;

/** The options of `enter`. */
export interface EntranceOptions {
  readonly join: JoinRequest;
  readonly meeting: Meeting;
  /** Seconds to wait for the rendezvous server. */
  readonly joinTimeout: number;
  /** Receives every message of the rendezvous server after the welcome. */
  hear(message: ToWorker): void;
}

/** The reasons why an attempt to join fails. */
type Failure =
  /** The file of the invitation does not exist yet. */
  | { kind: "absent" }
  /** The key is not that of the server, or not known yet. */
  | { kind: "stranger"; at: string }
  /** Nothing listens there yet. */
  | { kind: "closed"; at: string; code: string }
  | { kind: "unreachable"; at: string; code: string };

/** The milliseconds to keep trying a host that does not exist or does not answer. */
const UNREACHABLE_FOR = 6000;
/** The milliseconds within which rank 0's file must be visible on this host's file system, which may be slow to update. */
const KEY_WITHIN = 90_000;
const TRY_EVERY = { absent: 500, stranger: 1000, closed: 200, unreachable: 200 };
/** The milliseconds after which a process says that it waits for the file. */
const SAY_AFTER = 30_000;
/** The maximum bytes of a message from the rendezvous server: enough for the addresses of about ten thousand ranks. */
const LONGEST = 2 ** 20;

/**
 * Tries repeatedly to join until the rendezvous server accepts the key. Rank 0 may start later, and a file may be that of an earlier start.
 *
 * @throws Error when the server cannot be reached, or refuses the key
 */
export async function enter(options: EntranceOptions): Promise<Socket> {
  let [since, kind, said] = [Date.now(), "", false];
  for (;;) {
    const tried = await attempt(options);
    if (tried instanceof Socket) return tried;
    if (tried.kind !== kind) [since, kind] = [Date.now(), tried.kind];
    const waited = Date.now() - since;
    if (waited > patience(tried.kind, options)) throw new Error(explain(tried, waited, options));
    if (tried.kind === "absent" && waited > SAY_AFTER && !said) {
      writeSync(2, `gradbook: ${explain(tried, waited, options)}\n`);
      said = true;
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY[tried.kind]));
  }
}

function patience(kind: Failure["kind"], { meeting, joinTimeout }: EntranceOptions): number {
  if (kind === "stranger") return meeting.key === undefined ? KEY_WITHIN : 0;
  // The addresses in a file may be those of an earlier start.
  if (kind === "unreachable") return meeting.addresses ? UNREACHABLE_FOR : KEY_WITHIN;
  return joinTimeout * 1000;
}

/** Tries each address once. @returns the last failure when none of them lets this process in */
async function attempt({ join, meeting, hear }: EntranceOptions): Promise<Socket | Failure> {
  const { addresses = [], port = 0, key } = invitationOf(meeting);
  let failure: Failure = { kind: "absent" };
  for (const host of addresses) {
    const at = `${host}:${port}`;
    const tried = await connect(host, port);
    if (tried instanceof Socket) {
      if (key !== undefined && (await isLetIn(tried, { ...join, key }, hear))) return tried;
      tried.destroy();
      failure = { kind: "stranger", at };
    } else {
      const closed = tried === "ECONNREFUSED" || tried === "ECONNRESET";
      failure = { kind: closed ? "closed" : "unreachable", at, code: tried };
    }
  }
  return failure;
}

/** Sends the key and waits for the answer, which another program at this port may never give. */
function isLetIn(socket: Socket, join: FromWorker, hear: (message: ToWorker) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ANSWER_WITHIN);
    const answer = (welcome: boolean) => {
      clearTimeout(timer);
      resolve(welcome);
    };
    const take = (message: ToWorker) => {
      if (message.say === "welcome" || message.say === "stranger") answer(message.say === "welcome");
      else hear(message);
    };
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => answer(false));
    receive(socket, { schema: toWorker, limit: () => LONGEST, take });
    send(socket, join);
  });
}

const REMEDY =
  "this host does not share the folder of the runs with rank 0. In that case set GRADBOOK_KEY to the same random text for all ranks.";

function explain(failure: Failure, waited: number, { join, meeting }: EntranceOptions): string {
  const seconds = Math.round(waited / 1000);
  switch (failure.kind) {
    case "absent":
      return `Rank ${join.rank} has waited ${seconds} s for ${meeting.file}, which rank 0 writes: rank 0 does not run, or ${REMEDY}`;
    case "stranger": {
      const at = `the training at ${failure.at}`;
      return meeting.key === undefined
        ? `Rank ${join.rank} does not know the key of ${at}, which rank 0 wrote to ${meeting.file}: it is another training, or ${REMEDY}`
        : `Rank ${join.rank} was refused by ${at}: it is another training, or GRADBOOK_KEY is not the same for all ranks.`;
    }
    default:
      return (
        `Rank ${join.rank} cannot reach ${failure.at}, where the ranks meet, for ${seconds} s (${failure.code}): ` +
        "check MASTER_ADDR, MASTER_PORT and the firewall, and that rank 0 runs."
      );
  }
}
