import { MultiBar, type SingleBar } from "cli-progress";
import type { Outcome } from "./queue";

/** Where progress is written; `process.stderr` fits. */
export interface BoardOutput extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/** Tells how the jobs of a batch go: in a terminal a bar for each one that runs, elsewhere lines. */
export class Board {
  private readonly bars: MultiBar | undefined;
  private readonly running = new Map<string, SingleBar>();
  private ended = 0;

  constructor(
    private readonly total: number,
    private readonly out: BoardOutput = process.stderr,
  ) {
    if (out.isTTY)
      this.bars = new MultiBar({
        format: "{bar} {percentage}% {name}: {line}",
        stream: out,
        barsize: 16,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
      });
  }

  begin(name: string): void {
    const bar = this.bars?.create(100, 0, { name, line: "" });
    if (bar) this.running.set(name, bar);
    else this.out.write(`- ${name} ...\n`);
  }

  /** @param share from 0 to 1 */
  at(name: string, share: number): void {
    this.running.get(name)?.update(Math.round(100 * share));
  }

  /** The last thing that a job said. */
  now(name: string, line: string): void {
    this.running.get(name)?.update({ line: line.slice(0, 100) });
  }

  /** The same, worth a line in a log. */
  note(name: string, line: string): void {
    this.now(name, line);
    if (!this.bars) this.out.write(`  ${name}: ${line}\n`);
  }

  end({ name, ending, seconds }: Outcome): void {
    this.ended++;
    const bar = this.running.get(name);
    if (bar) this.bars?.remove(bar);
    this.running.delete(name);
    const mark = ending === "completed" || ending === "skipped" ? "✓" : "✗";
    const took = seconds > 0 ? ` (${seconds.toFixed(1)} s)` : "";
    const line = `${mark} ${name}: ${ending}${took}, ${this.ended} of ${this.total}\n`;
    if (this.bars) this.bars.log(line);
    else this.out.write(line);
  }

  close(): void {
    this.bars?.stop();
  }
}
