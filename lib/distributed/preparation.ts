/**
 * The share of a processor that a process uses at least while it computes. Its threads that only wait for the others use less than a tenth of
 * this.
 */
const COMPUTES = 0.02;

/** The progress of a process that has not begun its first step, measured by what it computes and reads from disks. */
export class Preparation {
  /** A number that grows whenever the process has computed or read something. */
  moves = 0;
  private at = performance.now();
  private used = process.resourceUsage();

  /** Compares the process with its state at the last call. All threads of the process count. */
  look(): void {
    const [at, used] = [performance.now(), process.resourceUsage()];
    const microseconds =
      used.userCPUTime + used.systemCPUTime - this.used.userCPUTime - this.used.systemCPUTime;
    const computes = microseconds / 1000 > COMPUTES * (at - this.at);
    if (computes || used.fsRead > this.used.fsRead) this.moves++;
    [this.at, this.used] = [at, used];
  }
}
