import type { Screen } from "../../base/terminal/bottom-line";
import { ProgressLine } from "../../callbacks/progress";
import type { Observer, TrainerEvent } from "../../protocols/events";

const HINT = "To go on from here, give the same command with --ckpt_path last.";

/** The progress of `gradbook train`: the size of the run once, then its progress line. */
export class TrainProgress implements Observer {
  private readonly line: ProgressLine;

  /** @param out where it is written */
  constructor(private readonly out: Screen = process.stderr) {
    this.line = new ProgressLine({ out, hint: HINT });
  }

  observe(event: TrainerEvent): void {
    if (event.event === "fit_start") {
      const { name, parameters, max_epochs, steps_per_epoch } = event;
      this.out.write(`${name}: ${parameters} parameters, ${max_epochs} epochs of ${steps_per_epoch} steps\n`);
    }
    this.line.observe(event);
  }

  /** Restores the terminal, also after a run that failed. */
  close(): void {
    this.line.close();
  }
}
