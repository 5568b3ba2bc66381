import { has } from "../language/globals";
import { type CellValue, cellName, type Language } from "../language/language";
import { Interrupted, type Owner, runAs } from "../output/owner";
import type { Descriptors } from "../output/streams";
import type { Request } from "../protocol/message";
import { toBundle } from "../show/bundle";
import { type Cause, type Outgoing, SHARED } from "../sockets/mail";
import {
  type Reported,
  reportDiagnostics,
  reportError,
  reportRestored,
  reportWarnings,
  unawaited,
} from "./errors";
import type { History } from "./history";
import { Intrinsics } from "./intrinsics";
import { start } from "./script";
import { StopButton } from "./stop-button";
import { unhandled } from "./uncaught";
import { evaluateExpressions } from "./user-expressions";

// Tests in cells replace timers by clocks of their own.
const { setImmediate, setTimeout } = globalThis;

/** A cell that is running, or about to run. */
interface Running {
  owner: Owner;
  request: Request;
  stopOnError: boolean;
  /** Requests to the front end, in the reply. */
  payload?: object[];
  /** Rejects the await of the cell's end from outside. */
  stop?: (reason: unknown) => void;
}

/** The environment in which cells run. */
interface Surroundings {
  language: Language;
  history: History;
  shared: Int32Array;
  send(message: Outgoing): void;
  descriptors: Descriptors;
}

/** Runs cells one after another. */
export class Evaluator {
  private count = 0;
  private readonly waiting: Request[] = [];
  private running: Running | undefined;
  /** The owner of the last cell that began. */
  private latest: Owner | undefined;
  /**
   * Whether the client of the last cell runs a notebook without a person, as nbclient and papermill do. Such a client
   * keeps the output of the running cell only, and sees a failure only in the reply of that cell.
   */
  private isBatch = false;
  /** The failure of work that no cell awaits, for the next cell of a batch. */
  private failure: Rejected | undefined;
  private readonly stopButton: StopButton;
  private readonly intrinsics = new Intrinsics();

  constructor(private readonly around: Surroundings) {
    this.stopButton = new StopButton(around.shared);
  }

  /** The cell that runs; 0 if there is none. */
  get cell(): number {
    return this.running?.owner.cause.cell ?? 0;
  }

  /**
   * Returns a unique number for a run, which identifies its output. Cells that are not stored in the history have negative
   * numbers and do not increase the count.
   */
  takeNumber(stored: boolean): number {
    return stored ? ++this.count : -++this.unstored;
  }

  execute(request: Request): void {
    this.waiting.push(request);
    this.next();
  }

  /**
   * Asks a cell to stop. 0 means whatever is running, which may be a cell that was queued earlier and has started
   * meanwhile.
   */
  interrupt(cell: number): void {
    if (cell !== 0 && cell !== this.cell) return;
    this.stopButton.press();
    if (cell !== this.cell) this.around.send({ kind: "meant", cell: this.cell });
  }

  /** Marks a cell that did not stop in time: nothing that it does from here on has an effect. */
  force(cell: number): void {
    if (this.running?.owner.cause.cell === cell) this.running.owner.dead = true;
  }

  /** Records that the client has been notified of the cell's end. */
  concluded(cell: number): void {
    const { running } = this;
    if (running?.owner.cause.cell !== cell) return;
    running.owner.dead = true;
    this.become(undefined);
    this.around.language.commit(cell, "error");
    this.finish(running, { failed: true });
  }

  /** Ends the running cell with an error, such as a call of process.exit. */
  fail(owner: Owner, error: Error): void {
    if (this.running?.owner !== owner) return;
    this.reason = error;
    this.running.stop?.(error);
  }
  /** The last error that ended a cell from outside. The code that is being ended throws it, too. */
  private reason: Error | undefined;

  /**
   * Reports an error that no code awaits: below the cell that caused it, or in a batch as the end of the running cell.
   * A batch knows already that a failed cell has failed.
   */
  failUnawaited(error: unknown, owner: Owner): void {
    const { running } = this;
    // Node does not tell which code queued a microtask.
    const { cause, dead, failed } = owner.cause.cell === 0 ? (this.latest ?? owner) : owner;
    if (dead || error === this.reason) return;
    if (!this.isBatch || failed) {
      this.around.send(unawaited(error, cause));
      return;
    }
    const reported = reportError(error);
    const head =
      running?.owner.cause.cell === cause.cell
        ? "Work that this cell does not await has failed:"
        : `Work that cell ${cause.cell} did not await has failed:`;
    this.failure ??= new Rejected({ ...reported, traceback: [head, ...reported.traceback] });
    running?.stop?.(this.failure);
  }

  /**
   * Puts back the built-in values that code of users has replaced, and reports them.
   *
   * @param owner the cell to report to
   */
  restoreIntrinsics(owner = this.running?.owner ?? this.latest): void {
    const texts = reportRestored(this.intrinsics.restore());
    if (!owner) return;
    for (const text of texts) this.around.send({ kind: "stream", cause: owner.cause, name: "stderr", text });
  }

  /** Resolves when no training is going on that an earlier cell did not await. */
  async settled(): Promise<void> {
    const isAwaited = () => this.stopButton.processListeners === 0;
    if (isAwaited()) return;
    process.stderr.write("Waiting for a training that no cell awaits: `await trainer.fit(...)`.\n");
    while (!isAwaited()) await new Promise((resolve) => setTimeout(resolve, 50));
    // The error of a training arrives after its end.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  private next(): void {
    if (this.running) return;
    const request = this.waiting.shift();
    if (!request) return;
    const silent = request.content.silent === true;
    const stored = !silent && request.content.store_history !== false;
    const cell = this.takeNumber(stored);
    const owner: Owner = {
      cause: { cell, identities: request.identities, header: request.header },
      dead: false,
      mayAsk: request.content.allow_stdin === true,
    };
    const stopOnError = request.content.stop_on_error !== false;
    const running: Running = { owner, request, stopOnError };
    this.become(running);
    this.latest = owner;
    this.isBatch = request.content.allow_stdin === false && !silent;
    this.stopButton.begin();
    const pipes = this.around.descriptors.renew();
    this.around.send({ kind: "begin", cause: owner.cause, isBatch: this.isBatch, pipes });
    this.publish(owner.cause, "status", { execution_state: "busy" });
    void this.run(running, { silent, stored });
  }
  private unstored = 0;

  private become(running: Running | undefined): void {
    this.running = running;
    Atomics.store(this.around.shared, SHARED.cell, this.cell);
  }

  private async run(running: Running, how: { silent: boolean; stored: boolean }): Promise<void> {
    const { owner, request } = running;
    const { cause } = owner;
    const code = String(request.content.code ?? "");
    const entry = how.stored ? this.around.history.add(this.count, code) : undefined;
    if (!how.silent) this.publish(cause, "execute_input", { code, execution_count: this.count });
    let reply: Record<string, unknown>;
    try {
      const result = code.trim() ? await this.evaluate(running, code) : undefined;
      if (result?.value !== undefined) {
        const data = await runAs(owner, () => toBundle(result.value));
        if (entry) entry[3] = String(data["text/plain"]);
        if (!how.silent && !owner.dead)
          this.publish(cause, "execute_result", { data, metadata: {}, execution_count: this.count });
      }
      const wanted = request.content.user_expressions;
      const expressions = await evaluateExpressions(this.around.language, owner, wanted);
      reply = {
        status: "ok",
        execution_count: this.count,
        payload: running.payload ?? [],
        user_expressions: expressions,
      };
    } catch (thrown) {
      const reported = thrown instanceof Rejected ? thrown.reported : reportError(thrown);
      if (!how.silent && !owner.dead) this.publish(cause, "error", reported);
      reply = {
        status: "error",
        execution_count: this.count,
        ...reported,
        payload: [],
        user_expressions: {},
      };
    }
    if (this.running !== running || owner.dead) return;
    // This must be first: from here on the cell must not be terminated.
    this.become(undefined);
    this.around.send({ kind: "end", cause, reply: JSON.stringify(reply) });
    this.finish(running, { failed: reply.status === "error" });
  }

  /** Runs the cell. @returns its value @throws what the cell throws, or `Rejected` */
  private async evaluate(running: Running, code: string): Promise<CellValue> {
    const number = running.owner.cause.cell;
    const file = cellName(number);
    const compiled = await this.around.language.compile({ code, number, file });
    if (has(compiled, "diagnostics")) throw new Rejected(reportDiagnostics(file, compiled.diagnostics));
    // The cell was stopped during compilation, before any listener existed.
    if (this.stopButton.pressed || running.owner.dead) throw new Interrupted();
    if (compiled.warnings.length && running.request.content.silent !== true)
      this.around.send({
        kind: "stream",
        cause: running.owner.cause,
        name: "stderr",
        text: reportWarnings(compiled.warnings),
      });
    if (compiled.imports.length) this.addImports(running, compiled.imports);
    const stopped = new Promise<never>((_, reject) => {
      running.stop = reject;
    });
    if (this.failure) throw this.failure;
    try {
      const cell = start(compiled, code, running.owner);
      this.restoreIntrinsics();
      const isDebugged = Atomics.load(this.around.shared, SHARED.debugged) === 1;
      const result = await Promise.race([isDebugged ? unhandled(cell) : cell, stopped]);
      this.restoreIntrinsics();
      if (running.owner.dead) throw new Interrupted();
      this.around.language.commit(number, "ok");
      return { value: result?.value };
    } catch (error) {
      this.restoreIntrinsics();
      if (!running.owner.dead) this.around.language.commit(number, "error");
      throw error;
    }
  }

  /** Adds imports to the text of a cell: a front end that cannot change the text shows them at least. */
  private addImports(running: Running, imports: readonly string[]): void {
    const { owner, request } = running;
    const text = imports.join("\n");
    this.around.send({
      kind: "stream",
      cause: owner.cause,
      name: "stderr",
      text: `Added to this cell: ${text}\n`,
    });
    running.payload = [
      { source: "set_next_input", text: `${text}\n${String(request.content.code)}`, replace: true },
    ];
  }

  private finish(running: Running, { failed }: { failed: boolean }): void {
    this.stopButton.end();
    running.owner.failed = failed;
    if (failed) this.failure = undefined;
    // Aborts the requests that were queued before this failure. A client that continues after an expected error sends
    // its next request later.
    if (failed && running.stopOnError) for (const request of this.waiting.splice(0)) this.abort(request);
    // Starts the next cell in a separate turn, so that terminating this cell does not affect it.
    setImmediate(() => this.next());
  }

  private abort({ identities, header }: Request): void {
    const cause: Cause = { cell: 0, identities, header };
    this.publish(cause, "status", { execution_state: "busy" });
    this.around.send({
      kind: "reply",
      cause,
      type: "execute_reply",
      // There is no execution count: a front end would show it beside a cell that never ran.
      content: JSON.stringify({ status: "aborted" }),
    });
    this.publish(cause, "status", { execution_state: "idle" });
  }

  private publish(cause: Cause, type: string, content: object): void {
    this.around.send({ kind: "publish", cause, type, content: JSON.stringify(content) });
  }
}

/** Ends a cell with a report that is already made. Nothing that a cell throws can be one. */
class Rejected {
  constructor(readonly reported: Reported) {}
}
