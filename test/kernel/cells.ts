import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import type { Diagnostic, FileWarning } from "../../kernel/language/language";
import { installRuntime } from "../../kernel/language/runtime/runtime";
import { Stacks } from "../../kernel/language/runtime/stacks";
import { step } from "../../kernel/language/runtime/steps";
import { Session } from "../../kernel/language/session";

/** A notebook without its sockets: cells are compiled by the kernel's language and run in this process. */
export class Cells {
  readonly session: Session;
  private readonly runtime: { lost(): string[] };
  private readonly stacks = new Stacks();
  /** The warnings of the last cell. */
  warnings: FileWarning[] = [];
  private count = 0;

  constructor(readonly folder = mkdtempSync(join(tmpdir(), "cells-"))) {
    const session = new Session(folder);
    this.session = session;
    this.runtime = installRuntime(
      {
        resolveModule: (name, from) => step(() => session.resolveModule(name, from)),
        compileModule: (file) => step(() => session.compileModule(file)),
      },
      folder,
      this.stacks,
      () => false,
    );
  }

  /** Runs a cell as the kernel does. @returns the value of its last expression */
  async run(code: string): Promise<unknown> {
    const number = ++this.count;
    const { result, finish } = this.session.compile({ code, number, file: `cell ${number}` });
    finish();
    if ("diagnostics" in result)
      throw new Error(result.diagnostics.map(({ line, message }) => `${line}: ${message}`).join("\n"));
    this.warnings = result.warnings;
    this.stacks.add(result.file, result);
    try {
      const value = (await new Script(result.code, { filename: result.file }).runInThisContext())?.value;
      this.session.commit(number, []);
      return value;
    } catch (error) {
      this.session.commit(number, this.runtime.lost());
      if (error instanceof Error) error.stack = this.stacks.mapped(error.stack!);
      throw error;
    }
  }

  /** Returns the problems of a cell without running it. */
  problems(code: string): Diagnostic[] {
    const { result } = this.session.compile({ code, number: 0, file: "cell" });
    return "diagnostics" in result ? result.diagnostics : [];
  }
}
