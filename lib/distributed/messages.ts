import type { Socket } from "node:net";
import { z } from "zod";

const count = z.int().nonnegative();
const text = z.string();

/** A message of a worker. */
export const fromWorker = z.discriminatedUnion("say", [
  z.strictObject({
    say: z.literal("join"),
    rank: count,
    worldSize: count,
    host: text.max(255).optional(),
    port: z.int().min(1).max(65_535),
    key: text,
  }),
  /** It is alive, and so far: `moves` grows whenever it gets on. */
  z.strictObject({ say: z.literal("beat"), moves: z.int(), step: z.int(), waiting: z.boolean() }),
  /** It cannot reach another rank. */
  z.strictObject({ say: z.literal("unreachable"), rank: count, address: text, reason: text }),
  /** `consequence`: only because another is gone, which the hub hears of from elsewhere. */
  z.strictObject({ say: z.literal("failed"), message: text, stack: text, consequence: z.boolean() }),
  /** For the process that started it: an event, a result. */
  z.strictObject({ say: z.literal("tell"), what: z.unknown() }),
  /** It begins to train: the others depend on it. */
  z.strictObject({ say: z.literal("busy") }),
  /** It needs nothing more of the others, who may still read from it. */
  z.strictObject({ say: z.literal("done") }),
]);
export type FromWorker = z.output<typeof fromWorker>;

/** A message to a worker. */
export const toWorker = z.discriminatedUnion("say", [
  /** All have joined: where each one's TensorFlow is to listen, and the addresses that their connections come from. */
  z.strictObject({ say: z.literal("start"), addresses: z.array(text), peers: z.array(text) }),
  /** It has joined. */
  z.strictObject({ say: z.literal("welcome") }),
  /** The key that it gave is not this training's. */
  z.strictObject({ say: z.literal("stranger") }),
  z.strictObject({ say: z.literal("stop"), reason: text }),
  /** All are done: each may end. */
  z.strictObject({ say: z.literal("part") }),
  z.strictObject({ say: z.literal("abort"), reason: text }),
  z.strictObject({ say: z.literal("ping") }),
]);
export type ToWorker = z.output<typeof toWorker>;

/** JSON knows no NaN and no infinities, which losses may be. */
const NUMBERS: Record<string, number> = {
  "#NaN": Number.NaN,
  "#Infinity": Number.POSITIVE_INFINITY,
  "#-Infinity": Number.NEGATIVE_INFINITY,
};
const encode = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value) ? `#${value}` : value;
const decode = (_: string, value: unknown) =>
  typeof value === "string" && Object.hasOwn(NUMBERS, value) ? NUMBERS[value] : value;

/** JSON, a message a line. */
export function send(socket: Socket, message: FromWorker | ToWorker, sent?: () => void): void {
  if (socket.writable) socket.write(`${JSON.stringify(message, encode)}\n`, sent);
  else sent?.();
}

const NEWLINE = 10;

/** How messages are received. */
export interface Reception<T> {
  readonly schema: z.ZodType<T>;
  /** The bytes that a message may have at this moment. */
  limit(): number;
  take(message: T): void;
}

/** Calls `take` with each message that arrives. A line that is too long, no JSON or no such message ends the connection. */
export function receive<T>(socket: Socket, { schema, limit, take }: Reception<T>): void {
  let parts: Buffer[] = [];
  let size = 0;
  const refuse = () => socket.destroy(new Error("what arrived is no message of gradbook's"));
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
