import type { Socket } from "node:net";
import { z } from "zod";

const count = z.int().nonnegative();
const text = z.string();

/** A message from a worker. */
export const fromWorker = z.discriminatedUnion("say", [
  z.strictObject({
    say: z.literal("join"),
    rank: count,
    worldSize: count,
    host: text.max(255).optional(),
    port: z.int().min(1).max(65_535),
    key: text,
  }),
  /** A heartbeat with its progress: `moves` grows whenever the worker advances. */
  z.strictObject({ say: z.literal("beat"), moves: z.int(), step: z.int(), waiting: z.boolean() }),
  /** The worker cannot reach another rank. */
  z.strictObject({ say: z.literal("unreachable"), rank: count, address: text, reason: text }),
  /**
   * The worker failed. `consequence`: only because another process ended, about which the rendezvous server has
   * separate information.
   */
  z.strictObject({ say: z.literal("failed"), message: text, stack: text, consequence: z.boolean() }),
  /** A message to the process that started the worker, such as an event or a result. */
  z.strictObject({ say: z.literal("tell"), what: z.unknown() }),
  /** The worker begins to train: the others depend on it. */
  z.strictObject({ say: z.literal("busy") }),
  /** The worker needs nothing more from the others, which may still read from it. */
  z.strictObject({ say: z.literal("done") }),
]);
/** A message from a worker to the rendezvous server. */
export type FromWorker = z.output<typeof fromWorker>;

/** A message to a worker. */
export const toWorker = z.discriminatedUnion("say", [
  /** All have joined: the address at which each TensorFlow must listen, and the addresses of their connections. */
  z.strictObject({ say: z.literal("start"), addresses: z.array(text), peers: z.array(text) }),
  /** The worker has joined. */
  z.strictObject({ say: z.literal("welcome") }),
  /** The key does not belong to this training. */
  z.strictObject({ say: z.literal("stranger") }),
  z.strictObject({ say: z.literal("stop"), reason: text }),
  /** All are done: the worker may end. */
  z.strictObject({ say: z.literal("part") }),
  z.strictObject({ say: z.literal("abort"), reason: text }),
  z.strictObject({ say: z.literal("ping") }),
]);
/** A message from the rendezvous server to a worker. */
export type ToWorker = z.output<typeof toWorker>;

/** The encoding of NaN and infinities, which losses may be and JSON does not support. */
const NUMBERS: Record<string, number> = {
  "#NaN": Number.NaN,
  "#Infinity": Number.POSITIVE_INFINITY,
  "#-Infinity": Number.NEGATIVE_INFINITY,
};
const encode = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value) ? `#${value}` : value;
const decode = (_: string, value: unknown) =>
  typeof value === "string" && Object.hasOwn(NUMBERS, value) ? NUMBERS[value] : value;

/** Sends a message as one line of JSON. */
export function send(socket: Socket, message: FromWorker | ToWorker, sent?: () => void): void {
  if (socket.writable) socket.write(`${JSON.stringify(message, encode)}\n`, sent);
  else sent?.();
}

const NEWLINE = 10;

/** Options of receiving messages. */
export interface Reception<T> {
  readonly schema: z.ZodType<T>;
  /** Returns the current maximum bytes of a message. */
  limit(): number;
  take(message: T): void;
}

/** Calls `take` with each message that arrives. A line that is too long, not JSON or not a valid message closes the connection. */
export function receive<T>(socket: Socket, { schema, limit, take }: Reception<T>): void {
  let parts: Buffer[] = [];
  let size = 0;
  const refuse = () => socket.destroy(new Error("received data that is not a valid gradbook message"));
  socket.on("data", (chunk: Buffer) => {
    for (let from = 0; from < chunk.length && !socket.destroyed; ) {
      const end = chunk.indexOf(NEWLINE, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      from += part.length + 1;
      size += part.length;
      if (size > limit()) return refuse();
      parts.push(part);
      if (end < 0) return;
      const message = schema.safeParse(parsed(Buffer.concat(parts).toString()));
      [parts, size] = [[], 0];
      if (!message.success) return refuse();
      take(message.data);
    }
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line, decode);
  } catch {
    return undefined;
  }
}

/** The indices of the shared array in which a process's main thread records its progress. */
export const PROGRESS = { moves: 0, step: 1, waiting: 2, length: 3 } as const;
