import { Comms } from "./comms";
import { reportError } from "./evaluator/errors";
import { Evaluator } from "./evaluator/evaluator";
import { History } from "./evaluator/history";
import { mapStacks } from "./evaluator/stacks";
import { ignoreSigint } from "./evaluator/stop-button";
import { Termination } from "./evaluator/termination";
import { startLanguage } from "./language/start";
import { Descriptors } from "./output/descriptors";
import { type Owner, owner, ownerOf, runAs } from "./output/owner";
import { captureStreams } from "./output/streams";
import { endTimersWithCells } from "./output/timers";
import type { Connection, Request } from "./protocol/message";
import { FrontEnd } from "./show/front-end";
import { type Cause, type Incoming, type Outgoing, SHARED } from "./sockets/mail";
import { startSockets } from "./sockets/start";

/** What the kernel is told when it starts. */
export interface KernelOptions {
  connection: Connection;
  /** The notebook's folder. */
  folder: string;
  version: string;
}

/** Starts a kernel in this process. */
export function startKernel({ connection, folder, version }: KernelOptions): void {
  const descriptors = new Descriptors();
  const { log } = descriptors;
  const pipes = descriptors.renew();
  const shared = new Int32Array(new SharedArrayBuffer(16));
  const sockets = startSockets({ connection, version, shared, pipes, log }, (message) => receive(message));
  const send = (message: Outgoing) => {
    // What a stopped cell still says is not heard.
    if (!("cause" in message) || !isDead(message.cause)) sockets.send(message);
  };
  const language = startLanguage(folder);
  const history = new History();
  const evaluator = new Evaluator({ language, history, shared, send, descriptors });
  const termination = new Termination({ shared, send, current: () => evaluator.current?.cause.cell ?? 0 });
  const isDead = (cause: Cause) => cause.cell !== 0 && owner().dead && owner().cause.cell === cause.cell;
  const publish = (type: string, content: object, buffers?: Uint8Array[]) =>
    send({ kind: "publish", cause: owner().cause, type, content: JSON.stringify(content), buffers });
  const comms = new Comms(publish);
  const frontEnd = new FrontEnd(send, comms);

  /** Shell requests that are answered beside a running cell. */
  const answers: Record<string, (content: Record<string, unknown>) => object | Promise<object>> = {
    complete_request: async ({ code, cursor_pos }) => {
      const text = String(code ?? "");
      return { status: "ok", ...(await language.complete(text, Number(cursor_pos ?? text.length))) };
    },
    inspect_request: async ({ code, cursor_pos, detail_level }) => {
      const text = String(code ?? "");
      const data = await language.inspect(
        text,
        Number(cursor_pos ?? text.length),
        detail_level === 1 ? 1 : 0,
      );
      return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
    },
    is_complete_request: ({ code }) => language.isComplete(String(code ?? "")),
    history_request: (content) => history.reply(content),
    comm_info_request: ({ target_name }) => comms.info(target_name),
  };

  async function answer(request: Request): Promise<void> {
    const { header, identities, content } = request;
    const type = header.msg_type;
    const cause: Cause = { cell: 0, identities, header };
    const state = (execution_state: string, of = cause) =>
      send({ kind: "publish", cause: of, type: "status", content: JSON.stringify({ execution_state }) });
    const respond = answers[type];
    if (!respond && !type.startsWith("comm_")) return;
    state("busy");
    if (respond) {
      const reply = await Promise.resolve()
        .then(() => respond(content))
        .catch((error: unknown) => ({ status: "error", ...reportError(error) }));
      send({
        kind: "reply",
        cause,
        channel: "shell",
        type: type.replace("_request", "_reply"),
        content: JSON.stringify(reply),
      });
    } else
      try {
        runAs({ cause, dead: false }, () => comms.handle(request));
      } catch (error) {
        show(error, { cause, dead: false });
      }
    state("idle");
    // A front end takes the last state that it hears for the kernel's.
    if (evaluator.current) state("busy", evaluator.current.cause);
  }

  function receive(message: Incoming): void {
    termination.over();
    if ("count" in message) Atomics.store(shared, SHARED.heard, message.count);
    if (message.kind === "request") {
      if (message.request.header.msg_type === "execute_request") evaluator.execute(message.request);
      else void answer(message.request);
    } else if (message.kind === "interrupt") evaluator.interrupt(message.cell);
    else if (message.kind === "force") evaluator.force(message.cell);
    else if (message.kind === "concluded") {
      frontEnd.forgetInput();
      evaluator.concluded(message.cell);
    } else if (message.kind === "input") frontEnd.answered(message.value);
    else {
      process.emit("exit", 0);
      send({ kind: "bye" });
    }
  }

  /** An error that no cell waits for, on stderr of the cell that it comes from. */
  function show(error: unknown, whose: Owner): void {
    if (whose.dead) return;
    const text = `${reportError(error).traceback.join("\n")}\n`;
    send({ kind: "stream", cause: whose.cause, name: "stderr", text });
  }

  mapStacks(language.mapStack);
  captureStreams(send);
  endTimersWithCells();
  process.on("SIGINT", ignoreSigint);
  process.on("uncaughtException", (error) => show(error, owner()));
  process.on("unhandledRejection", (error, promise) => show(error, ownerOf(promise)));
  process.exit = ((code?: number) => {
    const error = new Error(
      `process.exit(${code ?? ""}) was called: it ends this cell, and the kernel goes on. To end the kernel, use Jupyter's restart or shut down.`,
    );
    error.name = "Exit";
    evaluator.fail(owner(), error);
    throw error;
  }) as typeof process.exit;
}
