import { writeSync } from "node:fs";
import { asyncWrap } from "./evaluator/async-wrap";
import { Evaluator } from "./evaluator/evaluator";
import { History } from "./evaluator/history";
import { mapStacks } from "./evaluator/stacks";
import { Termination } from "./evaluator/termination";
import { startLanguage } from "./language/start";
import { Descriptors } from "./output/descriptors";
import { isOfDead, owner } from "./output/owner";
import { captureStreams } from "./output/streams";
import { endTimersWithCells } from "./output/timers";
import { keepAlive } from "./process";
import { Comms } from "./protocol/comms";
import type { Connection } from "./protocol/message";
import { Requests } from "./requests";
import { FrontEnd } from "./show/front-end";
import { type Incoming, type Outgoing, SHARED } from "./sockets/mail";
import { startSockets } from "./sockets/start";

/** The options of the kernel. */
export interface KernelOptions {
  connection: Connection;
  /** The folder of the notebook. */
  folder: string;
  version: string;
}

/** Starts a kernel in this process. Where a part fails to start, the process ends with the reason in Jupyter's log. */
export function startKernel(options: KernelOptions): void {
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
  const shared = new Int32Array(new SharedArrayBuffer(16));
  const sockets = startSockets({ connection, version, shared, pipes, log }, (message) => receive(message));
  const send = (message: Outgoing) => {
    // Messages of a stopped cell are dropped.
    if (!("cause" in message) || !isOfDead(message.cause)) sockets.send(message);
  };
  const language = startLanguage(folder);
  const history = new History();
  const evaluator = new Evaluator({ language, history, shared, send, descriptors });
  const termination = new Termination({
    asyncWrap: asyncWrapOrWarning(log),
    shared,
    send,
    current: () => evaluator.cell,
  });
  const comms = new Comms((type, content, buffers) =>
    send({ kind: "publish", cause: owner().cause, type, content: JSON.stringify(content), buffers }),
  );
  const frontEnd = new FrontEnd(send, comms);
  const requests = new Requests({ language, history, comms, send, current: () => evaluator.current });

  function receive(message: Incoming): void {
    termination.over();
    if ("count" in message) Atomics.store(shared, SHARED.heard, message.count);
    if (message.kind === "request") {
      if (message.request.header.msg_type === "execute_request") evaluator.execute(message.request);
      else void requests.answer(message.request);
    } else if (message.kind === "interrupt") {
      if (message.count > Atomics.load(shared, SHARED.answered)) evaluator.interrupt(message.cell);
    } else if (message.kind === "force") evaluator.force(message.cell);
    else if (message.kind === "concluded") {
      frontEnd.forgetInput();
      evaluator.concluded(message.cell);
    } else if (message.kind === "input") frontEnd.answered(message.value);
    else {
      process.emit("exit", 0);
      send({ kind: "bye" });
    }
  }

  mapStacks(language.mapStack);
  captureStreams(send);
  endTimersWithCells();
  keepAlive(send, (of, error) => evaluator.fail(of, error));
}

/** Returns undefined, after a line in Jupyter's log, where Node lacks what the termination of cells needs. */
function asyncWrapOrWarning(log: number): ReturnType<typeof asyncWrap> | undefined {
  try {
    return asyncWrap();
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    writeSync(
      log,
      `gradbook: a cell that computes without a pause cannot be interrupted, only restarted: ${reason}. ` +
        "`npx gradbook setup` or `npx gradbook install` registers the kernel anew, with the flags that it needs.\n",
    );
    return undefined;
  }
}
