/** The time of a fit. */
export class Clock {
  private readonly started = Date.now();
  private before = 0;
  private agreed = 0;

  /** @param isShared whether several processes train together */
  constructor(private readonly isShared: boolean) {}

  /** The seconds since the fit began. */
  get ofFit(): number {
    return (Date.now() - this.started) / 1000;
  }

  /** The seconds of training over all resumptions, by the clock of this process. */
  get own(): number {
    return this.before + this.ofFit;
  }

  /** The seconds of training over all resumptions; of several processes, those on which they agreed last. */
  get seconds(): number {
    return this.isShared ? this.agreed : this.own;
  }

  /** Continues a training. @param seconds the seconds of training before this fit */
  restore(seconds: number): void {
    [this.before, this.agreed] = [seconds, seconds];
  }

  /** Sets the seconds on which all processes agree. */
  agree(seconds: number): void {
    this.agreed = seconds;
  }
}
