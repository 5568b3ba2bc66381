import { readFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import koffi from "koffi";
import { type DebugRequest, DebugRequests } from "../debugger/requests";
import { Expressions } from "../language/expressions";
import type { MessageParts } from "../protocol/comms";
import { kernelInfo, type Request, replyType } from "../protocol/message";
import { CellControl } from "./control";
import { type Cause, type Incoming, type Outgoing, SHARED, type SocketData } from "./mail";
import { Ports } from "./ports";
import { Pipes, Streams } from "./streams";
import { SubshellList } from "./subshell-list";
import { Usage } from "./usage";

/**
 * The sockets, in a thread that no cell can block. It answers requests that need no evaluator (heartbeat, kernel_info,
 * interrupt, shutdown), and it knows which cell runs, so that it can end a cell that does not stop.
 */
const { connection, version, shared, pipes, log, hooks, lines, expressions } = workerData as SocketData;
const ports = new Ports(connection, log);
const KERNEL: Cause = { cell: 0, identities: [], header: {} };

const toMain = (message: Incoming) => parentPort!.postMessage(message);
const streams = new Streams((cause, name, text) =>
  ports.publish(`stream.${name}`, "stream", cause.header, JSON.stringify({ name, text })),
);
/** Cells that were ended from outside. Their further messages are dropped. */
const concluded = new Set<number>();
/** The last cell that began. Output that no known cell has produced goes to it. */
let latest: Cause = KERNEL;
/** Whether the client keeps the output of the running cell only. */
let isBatch = false;
/** Returns the cell that runs. */
const running = () => (control.cell === 0 ? undefined : latest);
const descriptors = new Pipes((cause, name, text) => {
  if (!concluded.has(cause.cell)) show(cause, (place) => streams.write(place, name, text));
}, lastWords);
descriptors.open(pipes, KERNEL);

/** Output between two cells of a batch, which goes to the next cell. */
const between: (() => void)[] = [];

/** Shows output below the cell that caused it, or below the running cell for a client that keeps no other output. */
function show(cause: Cause, output: (place: Cause) => void): void {
  if (cause.cell === 0 || !isBatch) output(cause.header.msg_id ? cause : latest);
  else if (running()) output(latest);
  else between.push(() => show(cause, output));
}

function publish(cause: Cause, type: string, content: string, rest?: MessageParts): void {
  streams.flush();
  ports.publish(type, type, cause.header, content, rest);
}
const status = (cause: Cause, state: string) =>
  publish(cause, "status", JSON.stringify({ execution_state: state }));

function reply(channel: "shell" | "control", cause: Cause, type: string, content: string): void {
  streams.flush();
  ports.send(channel, cause, type, content);
}

function end(cause: Cause, content: string): void {
  reply("shell", cause, "execute_reply", content);
  status(cause, "idle");
}

const control = new CellControl({
  shared,
  fields: hooks,
  toMain,
  note(text) {
    const cell = running();
    if (cell) streams.write(cell, "stderr", text);
  },
  conclude(cell, { held }) {
    const evalue = held
      ? "the cell does not stop: what it called still runs, and the next cell waits for it. A restart of the kernel ends it."
      : "the cell was stopped";
    const error = { ename: "Interrupted", evalue, traceback: [`Interrupted: ${evalue}`] };
    publish(latest, "error", JSON.stringify(error));
    concluded.add(cell);
    debug.cellEnded();
    end(latest, JSON.stringify({ status: "error", execution_count: Math.max(0, cell), ...error }));
    toMain({ kind: "concluded", cell });
  },
});

/** The last request of a debugger: its events are shown as caused by that. */
let debugging: Cause = KERNEL;
let events = 0;
const typescript = new Expressions(expressions);
const debug = new DebugRequests({
  emit(event, body) {
    const content = JSON.stringify({ type: "event", seq: ++events, event, body });
    publish(debugging, "debug_event", content);
  },
  cell: () => Atomics.load(shared, SHARED.cell),
  attached: (isAttached) => Atomics.store(shared, SHARED.debugged, Number(isAttached)),
  adopt: (name) => toMain({ kind: "adopt", name }),
  compile: (text) => typescript.compile(text),
});

const handlers: { [K in Outgoing["kind"]]: (message: Extract<Outgoing, { kind: K }>) => void } = {
  begin({ cause, pipes, ...message }) {
    latest = cause;
    isBatch = message.isBatch;
    control.on({ type: "begin", cell: cause.cell });
    descriptors.open(pipes, cause);
    for (const output of between.splice(0)) output();
  },
  stream: ({ cause, name, text }) => show(cause, (place) => streams.write(place, name, text)),
  publish: ({ cause, type, content, metadata, buffers }) =>
    show(cause, (place) => publish(place, type, content, { metadata, buffers })),
  reply: ({ cause, type, content }) => reply("shell", cause, type, content),
  done: ({ cause }) => done(cause),
  end({ cause, reply: content }) {
    control.on({ type: "end", cell: cause.cell });
    debug.cellEnded();
    end(cause, content);
  },
  input: ({ cause, content }) => ports.send("stdin", cause, "input_request", content),
  ready() {
    for (const request of early ?? []) introduce(request);
    early = undefined;
  },
  heard: ({ order }) => control.on({ type: "heard", order }),
  meant: ({ cell }) => control.on({ type: "meant", cell }),
  terminate: () => control.terminate(),
  bye: () => void close(),
};
parentPort!.on("message", (message: Outgoing) => {
  descriptors.before(message);
  if ("cause" in message && concluded.has(message.cause.cell)) return;
  (handlers[message.kind] as (message: Outgoing) => void)(message);
});

/** Answers control requests here, independent of the main thread. */
function answer(request: Request): void {
  const { header, identities, content } = request;
  const cause: Cause = { cell: 0, identities, header };
  status(cause, "busy");
  if (header.msg_type === "debug_request") {
    void answerDebugger(cause, content as unknown as DebugRequest);
    return;
  }
  if (header.msg_type === "shutdown_request") {
    const restart = content.restart === true;
    reply("control", cause, "shutdown_reply", JSON.stringify({ status: "ok", restart }));
    status(cause, "idle");
    toMain({ kind: "shutdown", restart });
    // A cell that blocks the main thread does not delay the shutdown.
    setTimeout(() => void close(), 400);
    return;
  }
  const respond = controls[header.msg_type];
  if (respond) reply("control", cause, replyType(header), JSON.stringify(respond(content)));
  done(cause);
}

const subshells = new SubshellList();
const usage = new Usage();
/** The functions that answer control requests at once. */
const controls: Record<string, (content: Record<string, unknown>) => object> = {
  interrupt_request() {
    debug.release();
    if (control.cell === 0) toMain({ kind: "stopSubshells" });
    control.on({ type: "interrupt" });
    return { status: "ok" };
  },
  kernel_info_request: () => kernelInfo(version),
  create_subshell_request: () => subshells.create(),
  delete_subshell_request: ({ subshell_id }) => subshells.delete(subshell_id),
  list_subshell_request: () => subshells.list(),
  usage_request: () => usage.report(),
};

async function answerDebugger(cause: Cause, request: DebugRequest): Promise<void> {
  debugging = cause;
  reply("control", cause, "debug_reply", JSON.stringify(await debug.answer(request)));
  done(cause);
}

/** Ends a request. A front end displays the last state that it received, which is that of the running cell. */
function done(cause: Cause): void {
  status(cause, "idle");
  const cell = running();
  if (cell) status(cell, "busy");
}

/** Requests for kernel_info that wait until a cell can run at once. */
let early: Request[] | undefined = [];

function shell(request: Request): void {
  const type = request.header.msg_type;
  if (type === "shutdown_request" || type === "interrupt_request") {
    answer(request);
    return;
  }
  const missing = subshells.refusal(request.header.subshell_id);
  if (missing) {
    const { identities, header } = request;
    const content = JSON.stringify(missing);
    reply("shell", { cell: 0, identities, header }, replyType(header), content);
  } else if (type !== "kernel_info_request") toMain({ kind: "request", request });
  else if (early) early.push(request);
  else introduce(request);
}

/** Answers a kernel_info_request: the client takes the kernel to be ready from here on. */
function introduce(request: Request): void {
  const cause: Cause = { cell: 0, identities: request.identities, header: request.header };
  status(cause, "busy");
  reply("shell", cause, "kernel_info_reply", JSON.stringify(kernelInfo(version)));
  done(cause);
}

function stdin({ header, content }: Request): void {
  if (header.msg_type !== "input_reply") return;
  lines.postMessage(String(content.value ?? ""));
  Atomics.add(shared, SHARED.lines, 1);
  Atomics.notify(shared, SHARED.lines);
}

let closing = false;
async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  streams.flush();
  control.close();
  await Promise.race([ports.flush(), new Promise((resolve) => setTimeout(resolve, 500))]);
  // Gives ZeroMQ's thread time to write the remaining messages.
  setTimeout(killGroup, 60);
}

/** Writes the last words of a process that aborts to Jupyter's log, and ends the wait that `Descriptors` has arranged. */
function lastWords(text: string): void {
  writeSync(log, text);
  clearTimeout(abortion);
  abortion = setTimeout(() => {
    // A child process may have written the words: then the main thread does not sleep.
    if (!mainThreadSleeps()) return;
    streams.flush();
    setTimeout(abort, 60);
  }, 200);
}
let abortion: NodeJS.Timeout | undefined;

/** Aborts the process, without the wait that `Descriptors` has arranged for this signal. */
function abort(): void {
  const signal = koffi.load(null).func("void *signal(int number, void *handler)");
  signal(constants.signals.SIGABRT, null);
  process.kill(process.pid, "SIGABRT");
}

/** Whether the main thread is in the system's function `sleep`. False where the system does not tell. */
function mainThreadSleeps(): boolean {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/wchan`, "utf8").includes("nanosleep");
  } catch {
    return false;
  }
}

/** Ends the kernel and its child processes. Jupyter gives every kernel a process group of its own. */
function killGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}

/** Jupyter has ended without shutting the kernel down, and no client can reach it any more. */
function watchParent(): void {
  const parent = process.ppid;
  if (parent <= 1) return;
  setInterval(() => process.ppid !== parent && void close(), 1000).unref();
}

async function main(): Promise<void> {
  await ports.bind();
  status(KERNEL, "starting");
  watchParent();
  await Promise.all([
    ports.receive("shell", shell),
    ports.receive("control", answer),
    ports.receive("stdin", stdin),
    ports.beat(),
    ports.welcome(),
  ]);
}
main().catch((error: Error) => {
  // Written by this thread: before its error reaches the main thread its sockets are closed, where ZeroMQ may abort the process.
  writeSync(log, `the kernel's sockets failed: ${error.stack}\n`);
  abort();
});
