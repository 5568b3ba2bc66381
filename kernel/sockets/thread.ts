import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Reply, Router, XPublisher } from "zeromq";
import { kernelInfo } from "../protocol/kernel-info";
import type { Request } from "../protocol/message";
import { Wire } from "../protocol/wire";
import { Interrupts } from "./interrupts";
import type { Cause, Incoming, Outgoing, SocketData } from "./mail";
import { Outbox } from "./outbox";
import { Pipes } from "./pipes";
import { Streams } from "./streams";

/**
 * The sockets, in a thread that no cell can block. It answers requests that need no evaluator (heartbeat, kernel_info,
 * interrupt, shutdown), and it knows which cell runs, so that it can end a cell that does not stop.
 */
const { connection, version, shared, pipes, log } = workerData as SocketData;
const wire = new Wire(connection);
const unlimited = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 1000 };
const routers = {
  shell: new Router(unlimited),
  control: new Router(unlimited),
  stdin: new Router(unlimited),
};
const iopub = new XPublisher({ ...unlimited, verbosity: "allSubs" });
const heartbeat = new Reply({ linger: 0 });
const boxes = {
  shell: new Outbox(routers.shell),
  control: new Outbox(routers.control),
  stdin: new Outbox(routers.stdin),
  iopub: new Outbox(iopub),
};
const KERNEL: Cause = { cell: 0, identities: [], header: {} };

const toMain = (message: Incoming) => parentPort!.postMessage(message);
const streams = new Streams((cause, name, text) =>
  boxes.iopub.send(
    wire.pack([Buffer.from(`stream.${name}`)], "stream", cause.header, JSON.stringify({ name, text })),
  ),
);
/** Cells whose end was already reported. Their further messages are dropped. */
const over = new Set<number>();
let running: Cause | undefined;
/** The cause for output that no known cell has produced. */
let latest: Cause = KERNEL;
const descriptors = new Pipes((cause, name, text) => {
  if (!over.has(cause.cell)) streams.write(cause, name, text);
});
descriptors.open(pipes, KERNEL);

function publish(
  cause: Cause,
  type: string,
  content: string,
  more?: { metadata?: string; buffers?: readonly Uint8Array[] },
): void {
  streams.flush();
  boxes.iopub.send(wire.pack([Buffer.from(type)], type, cause.header, content, more));
}
const status = (cause: Cause, state: string) =>
  publish(cause, "status", JSON.stringify({ execution_state: state }));

function reply(
  channel: "shell" | "control",
  cause: Cause,
  type: string,
  content: string,
  metadata?: string,
): void {
  streams.flush();
  boxes[channel].send(wire.pack(cause.identities, type, cause.header, content, { metadata }));
}

function end(cause: Cause, content: string): void {
  running = undefined;
  interrupts.ended(cause.cell);
  reply("shell", cause, "execute_reply", content);
  status(cause, "idle");
}

const interrupts = new Interrupts({
  shared,
  toMain,
  running: () => running?.cell ?? 0,
  note: (text) => running && streams.write(running, "stderr", text),
  conclude(cell, { held }) {
    if (running?.cell !== cell) return;
    const waits =
      "; what it called still runs, and the next cell waits for that (a restart of the kernel ends it)";
    const evalue = `the cell was stopped${held ? waits : ""}`;
    const error = { ename: "Interrupted", evalue, traceback: [`Interrupted: ${evalue}`] };
    const cause = running;
    publish(cause, "error", JSON.stringify(error));
    over.add(cell);
    end(cause, JSON.stringify({ status: "error", execution_count: Math.max(0, cell), ...error }));
    toMain({ kind: "concluded", cell });
  },
});

const handlers: { [K in Outgoing["kind"]]: (message: Extract<Outgoing, { kind: K }>) => void } = {
  begin({ cause, pipes }) {
    running = cause;
    latest = cause;
    descriptors.open(pipes, cause);
  },
  stream: ({ cause, name, text }) =>
    streams.write(cause.cell || cause.header.msg_id ? cause : latest, name, text),
  publish: ({ cause, type, content, metadata, buffers }) =>
    publish(cause.header.msg_id ? cause : latest, type, content, { metadata, buffers }),
  reply: ({ cause, channel, type, content, metadata }) => reply(channel, cause, type, content, metadata),
  end: ({ cause, reply: content }) => end(cause, content),
  input: ({ cause, content }) =>
    boxes.stdin.send(wire.pack(cause.identities, "input_request", cause.header, content)),
  meant: ({ cell }) => interrupts.meant(cell),
  terminate: () => interrupts.order(),
  bye: () => void close(),
};
parentPort!.on("message", (message: Outgoing) => {
  descriptors.before(message);
  if ("cause" in message && over.has(message.cause.cell)) return;
  (handlers[message.kind] as (message: Outgoing) => void)(message);
});

/** Answers control requests here, independent of the main thread. */
function control(request: Request): void {
  const { header, identities, content } = request;
  const cause: Cause = { cell: 0, identities, header };
  status(cause, "busy");
  if (header.msg_type === "interrupt_request") {
    interrupts.request();
    reply("control", cause, "interrupt_reply", '{"status":"ok"}');
  } else if (header.msg_type === "shutdown_request") {
    const restart = content.restart === true;
    reply("control", cause, "shutdown_reply", JSON.stringify({ status: "ok", restart }));
    status(cause, "idle");
    toMain({ kind: "shutdown", restart });
    // A cell that blocks the main thread does not delay the shutdown.
    setTimeout(() => void close(), 400);
    return;
  } else if (header.msg_type === "kernel_info_request")
    reply("control", cause, "kernel_info_reply", JSON.stringify(kernelInfo(version)));
  status(cause, "idle");
}

function shell(request: Request): void {
  const type = request.header.msg_type;
  if (type === "shutdown_request" || type === "interrupt_request") {
    control(request);
    return;
  }
  if (type !== "kernel_info_request") {
    toMain({ kind: "request", request });
    return;
  }
  const cause: Cause = { cell: 0, identities: request.identities, header: request.header };
  status(cause, "busy");
  reply("shell", cause, "kernel_info_reply", JSON.stringify(kernelInfo(version)));
  status(cause, "idle");
  if (running) status(running, "busy");
}

function stdin({ header, content }: Request): void {
  if (header.msg_type === "input_reply") toMain({ kind: "input", value: String(content.value ?? "") });
}

async function receive(channel: Request["channel"], handle: (request: Request) => void): Promise<void> {
  for await (const frames of routers[channel])
    try {
      handle(wire.unpack(channel, frames as Uint8Array[]));
    } catch (error) {
      writeSync(log, `a message on ${channel} was dropped: ${(error as Error).message}\n`);
    }
}

async function beat(): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

/** Sends the welcome message to a new subscriber, so that it knows that it receives every message from here on. */
async function welcome(): Promise<void> {
  for await (const [frame] of iopub) {
    if (frame![0] !== 1) continue;
    const topic = frame!.subarray(1);
    const content = JSON.stringify({ subscription: topic.toString() });
    boxes.iopub.send(wire.pack([new Uint8Array(topic)], "iopub_welcome", {}, content));
  }
}

let closing = false;
async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  streams.flush();
  interrupts.close();
  await Promise.race([
    Promise.all(Object.values(boxes).map((box) => box.empty())),
    new Promise((resolve) => setTimeout(resolve, 500)),
  ]);
  // Gives ZeroMQ's thread time to write the remaining messages.
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 60);
}

/** Jupyter has ended without shutting the kernel down, and no client can reach it any more. */
function watchParent(): void {
  const parent = process.ppid;
  if (parent <= 1) return;
  setInterval(() => process.ppid !== parent && void close(), 1000).unref();
}

async function main(): Promise<void> {
  const address = (port: number) =>
    connection.transport === "ipc"
      ? `ipc://${connection.ip}-${port}`
      : `${connection.transport}://${connection.ip}:${port}`;
  await Promise.all([
    routers.shell.bind(address(connection.shell_port)),
    routers.control.bind(address(connection.control_port)),
    routers.stdin.bind(address(connection.stdin_port)),
    iopub.bind(address(connection.iopub_port)),
    heartbeat.bind(address(connection.hb_port)),
  ]);
  status(KERNEL, "starting");
  watchParent();
  await Promise.all([
    receive("shell", shell),
    receive("control", control),
    receive("stdin", stdin),
    beat(),
    welcome(),
  ]);
}
main().catch((error: Error) => {
  // Written by this thread: before its error reaches the main thread its sockets are closed, where ZeroMQ may abort the process.
  writeSync(log, `the kernel's sockets failed: ${error.stack}\n`);
  process.kill(process.pid, "SIGABRT");
});
