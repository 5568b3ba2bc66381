import { readFileSync, writeSync } from "node:fs";
import { MessageChannel, Worker } from "node:worker_threads";
import { packageVersion } from "../lib/base/files/package";
import { Evaluator } from "./evaluator/evaluator";
import { History } from "./evaluator/history";
import { Subshells } from "./evaluator/subshells";
import { asyncWrap, hookFields, Termination } from "./evaluator/termination";
import { has } from "./language/globals";
import { mapStacks } from "./language/runtime/stacks";
import { startLanguage } from "./language/start";
import { endTimersWithCells, hideOwners, isOfDead, owner } from "./output/owner";
import { captureStreams, Descriptors } from "./output/streams";
import { keepAlive } from "./process";
import { Comms } from "./protocol/comms";
import type { Connection } from "./protocol/message";
import { Requests } from "./requests";
import { FrontEnd } from "./show/front-end";
import { defineDialogs, Input } from "./show/input";
import { type Incoming, type Outgoing, SHARED, type SocketData } from "./sockets/mail";

/** The options of the kernel. */
interface KernelOptions {
  connection: Connection;
  /** The folder of the notebook. */
  folder: string;
  version: string;
}

/** Starts a kernel in this process. Where a part fails to start, the process ends with the reason in Jupyter's log. */
function startKernel(options: KernelOptions): void {
  const descriptors = new Descriptors();
  try {
    joinParts(options, descriptors);
  } catch (error) {
    writeSync(
      descriptors.log,
      `the kernel cannot start on Node ${process.version}: ${(error as Error).stack}\n`,
    );
    process.exit(1);
  }
}

/** Makes the kernel's parts, and passes each the messages of the sockets' thread that concern it. */
function joinParts({ connection, folder, version }: KernelOptions, descriptors: Descriptors): void {
  const { log } = descriptors;
  const pipes = descriptors.renew();
  const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(SHARED).length));
  const internals = asyncWrap(log);
  const hooks = hookFields(internals);
  const lines = new MessageChannel();
  const expressions = new MessageChannel();
  const data: SocketData = {
    connection,
    version,
    shared,
    pipes,
    log,
    hooks,
    lines: lines.port2,
    expressions: expressions.port1,
  };
  const sockets = startSockets(data, (message) => receive(message));
  const send = (message: Outgoing) => {
    // Messages of a stopped cell are dropped.
    if (!has(message, "cause") || !isOfDead(message.cause)) sockets.send(message);
  };
  const language = startLanguage(
    folder,
    expressions.port2,
    () => Atomics.load(shared, SHARED.debugged) === 1,
  );
  const history = new History();
  const evaluator = new Evaluator({ language, history, shared, send, descriptors });
  const subshells = new Subshells({
    language,
    history,
    send,
    takeNumber: (stored) => evaluator.takeNumber(stored),
    cell: () => evaluator.cell,
    restoreIntrinsics: (owner) => evaluator.restoreIntrinsics(owner),
  });
  const termination = new Termination({
    asyncWrap: internals,
    shared,
    send,
    current: () => evaluator.cell,
  });
  const comms = new Comms((type, content, rest) =>
    send({ kind: "publish", cause: owner().cause, type, content: JSON.stringify(content), ...rest }),
  );
  const input = new Input({ send, lines: lines.port1, shared });
  defineDialogs(input);
  new FrontEnd(send, comms, input.later, () => evaluator.settled(), language.names);
  const requests = new Requests({ language, history, comms, send });

  function receive(message: Incoming): void {
    termination.over();
    evaluator.restoreIntrinsics();
    if (message.kind === "request") {
      const { msg_type, subshell_id } = message.request.header;
      if (msg_type !== "execute_request") void requests.answer(message.request);
      else if (subshell_id) subshells.execute(subshell_id, message.request);
      else evaluator.execute(message.request);
    } else if (message.kind === "interrupt") {
      if (termination.hear(message.order)) evaluator.interrupt(message.cell);
    } else if (message.kind === "force") {
      termination.hear(message.order);
      evaluator.force(message.cell);
    } else if (message.kind === "concluded") {
      input.forget();
      evaluator.concluded(message.cell);
    } else if (message.kind === "stopSubshells") subshells.interrupt();
    else if (message.kind === "adopt") language.adopt(message.name);
    else {
      process.emit("exit", 0);
      send({ kind: "bye" });
    }
  }

  const ready = () => send({ kind: "ready" });
  // The first question is answered when TypeScript is loaded.
  language.isComplete("").then(ready, ready);
  mapStacks(language.mapStack);
  captureStreams(send);
  endTimersWithCells();
  hideOwners();
  keepAlive(
    (error, of) => evaluator.failUnawaited(error, of),
    (of, error) => evaluator.fail(of, error),
  );
}

/** The thread with the sockets. */
interface Sockets {
  send(message: Outgoing): void;
}

/** Starts the sockets in a separate thread, so that they respond while a cell runs. */
function startSockets(data: SocketData, onMessage: (message: Incoming) => void): Sockets {
  const worker = new Worker(`${__dirname}/sockets/thread.js`, {
    workerData: data,
    transferList: [data.lines, data.expressions],
    name: "sockets",
  });
  worker.on("message", onMessage);
  worker.on("error", (error) => {
    // Writes to Jupyter's own log, because stderr goes through the sockets.
    writeSync(data.log, `the kernel's sockets failed: ${(error as Error).stack}\n`);
    process.abort();
  });
  return { send: (message) => worker.postMessage(message) };
}

/** `node main.js CONNECTION_FILE`, as kernel.json says. */
const file = process.argv[2];
if (!file) {
  process.stderr.write(
    "usage: node main.js CONNECTION_FILE (Jupyter starts it: see `npx gradbook install`)\n",
  );
  process.exit(2);
}
const connection = JSON.parse(readFileSync(file, "utf8")) as Connection;
startKernel({ connection, folder: process.cwd(), version: packageVersion() });
