import type { Socket } from "node:net";

/** What a worker says. */
export type FromWorker =
  | { say: "join"; rank: number; worldSize: number; host?: string; port: number; key: string }
  /** It is alive, and so far: `moves` grows whenever it gets on. */
  | { say: "beat"; moves: number; step: number; waiting: boolean }
  /** It cannot reach another rank. */
  | { say: "unreachable"; rank: number; address: string; reason: string }
  /** `consequence`: only because another is gone, which the hub hears of from elsewhere. */
  | { say: "failed"; message: string; stack: string; consequence: boolean }
  /** For the process that started it: an event, a result. */
  | { say: "tell"; what: unknown }
  /** It begins to train: the others depend on it. */
  | { say: "busy" }
  /** It needs nothing more of the others, who may still read from it. */
  | { say: "done" };

/** What a worker is told. */
export type ToWorker =
  /** All have joined; where each one's TensorFlow is to listen. */
  | { say: "start"; addresses: string[] }
  | { say: "stop"; reason: string }
  /** All are done: each may end. */
  | { say: "part" }
  | { say: "abort"; reason: string }
  | { say: "ping" };

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

/** Calls back with each message that arrives; what is no message ends the connection. */
export function receive<T extends FromWorker | ToWorker>(socket: Socket, take: (message: T) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      let message: T;
      try {
        message = JSON.parse(line, decode) as T;
      } catch {
        socket.destroy(new Error("what arrived is no message of gradbook's"));
        return;
      }
      take(message);
    }
  });
}
