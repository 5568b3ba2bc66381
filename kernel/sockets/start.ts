import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Incoming, Outgoing, SocketData } from "./mail";

/** The thread with the sockets. */
export interface Sockets {
  send(message: Outgoing): void;
}

/** Starts the sockets in a separate thread, so that they respond while a cell runs. */
export function startSockets(data: SocketData, onMessage: (message: Incoming) => void): Sockets {
  const worker = new Worker(`${__dirname}/thread.js`, { workerData: data, name: "sockets" });
  worker.on("message", onMessage);
  worker.on("error", (error) => {
    // Writes to Jupyter's own log, because stderr goes through the sockets.
    writeSync(data.log, `the kernel's sockets failed: ${(error as Error).stack}\n`);
    process.abort();
  });
  return { send: (message) => worker.postMessage(message) };
}
