import { has } from "../language/globals";
import { cellName, type Language } from "../language/language";
import { Interrupted, type Owner, runAs } from "../output/owner";
import type { Request } from "../protocol/message";
import { toBundle } from "../show/bundle";
import type { Cause, Outgoing } from "../sockets/mail";
import { type Reported, reportDiagnostics, reportError } from "./errors";
import type { History } from "./history";
import { start } from "./script";

interface Surroundings {
  language: Language;
  history: History;
  send(message: Outgoing): void;
  /** Returns a unique number for a run. */
  takeNumber(stored: boolean): number;
  /** Returns the number of the cell that runs in the main shell; 0 if there is none. */
  cell(): number;
  /** Puts back the built-in values that a cell has replaced. */
  restoreIntrinsics(owner: Owner): void;
}

/**
 * Runs the cells of subshells while a cell of the main shell awaits something, such as a step of a training. Cells of one
 * subshell run one after another. An interrupt concerns the cell of the main shell if there is one, and a cell of a subshell if it blocks the
 * main thread, or if no cell of the main shell runs.
 */
export class Subshells {
  private readonly queues = new Map<string, Promise<void>>();
  private readonly running = new Set<Owner>();

  constructor(private readonly around: Surroundings) {}

  execute(subshell: string, request: Request): void {
    const before = this.queues.get(subshell) ?? Promise.resolve();
    this.queues.set(
      subshell,
      before.then(() => this.run(request)),
    );
  }

  /** Ends the cells of all subshells. */
  interrupt(): void {
    for (const owner of this.running) owner.stop?.();
  }

  private async run(request: Request): Promise<void> {
    const { identities, header, content } = request;
    const cause: Cause = { cell: 0, identities, header };
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    const number = this.around.takeNumber(stored);
    const execution_count = Math.max(0, number);
    const code = String(content.code ?? "");
    if (stored) this.around.history.add(number, code);
    this.publish(cause, "status", { execution_state: "busy" });
    if (!silent) this.publish(cause, "execute_input", { code, execution_count });
    const owner: Owner = { cause, dead: false, mayAsk: content.allow_stdin === true };
    this.running.add(owner);
    const outcome = await Promise.race([this.evaluate(code, number, owner), stopped(owner)])
      .catch((error: unknown) => reportError(error))
      .finally(() => this.running.delete(owner));
    if (!silent && has(outcome, "data") && outcome.data)
      this.publish(cause, "execute_result", { ...outcome, metadata: {}, execution_count });
    if (!silent && has(outcome, "ename")) this.publish(cause, "error", outcome);
    const result = has(outcome, "ename") ? { status: "error", ...outcome } : { status: "ok" };
    const reply = { ...result, execution_count, payload: [], user_expressions: {} };
    this.around.send({ kind: "reply", cause, type: "execute_reply", content: JSON.stringify(reply) });
    this.around.send({ kind: "done", cause });
  }

  private async evaluate(
    code: string,
    number: number,
    owner: Owner,
  ): Promise<Reported | { data: object | undefined }> {
    const { language, cell, restoreIntrinsics } = this.around;
    language.preview(cell());
    const file = cellName(number);
    const compiled = await language.compile({ code, number, file });
    if (has(compiled, "diagnostics")) return reportDiagnostics(file, compiled.diagnostics);
    try {
      const result = await start(compiled, code, owner).finally(() => restoreIntrinsics(owner));
      language.commit(number, "ok");
      if (result?.value === undefined) return { data: undefined };
      return { data: await runAs(owner, () => toBundle(result.value)) };
    } catch (error) {
      language.commit(number, "error");
      throw error;
    }
  }

  private publish(cause: Cause, type: string, content: object): void {
    this.around.send({ kind: "publish", cause, type, content: JSON.stringify(content) });
  }
}

/** Rejects when the cell of the owner is stopped. Nothing that it does from there on has an effect. */
const stopped = (owner: Owner): Promise<never> =>
  new Promise((_, reject) => {
    owner.stop = () => {
      owner.dead = true;
      reject(new Interrupted());
    };
  });
