import { existsSync, writeFileSync } from "node:fs";
import type { Callback, FitContext } from "../../lib/protocols/callback";
import type { FactoryReference } from "../../lib/protocols/module";

export interface KillerOptions {
  /** Ends the process of rank 1 at this step, only once: it then creates the file. */
  readonly step: number;
  readonly once: string;
}

/** A callback of a user's module that kills a worker. */
export class Killer implements Callback {
  readonly recipe: FactoryReference;

  constructor(private readonly options: KillerOptions) {
    this.recipe = { module: __filename, name: "Killer", options };
  }

  onTrainBatchStart({ step }: FitContext): void {
    const { step: at, once } = this.options;
    if (process.env.RANK !== "1" || step !== at || existsSync(once)) return;
    writeFileSync(once, "");
    process.kill(process.pid, "SIGKILL");
  }
}
