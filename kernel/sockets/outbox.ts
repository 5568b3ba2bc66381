type Frames = (string | Uint8Array)[];

/** Sends messages in the order in which they came; a socket takes one at a time. */
export class Outbox {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly socket: { send(frames: Frames): Promise<void> }) {}

  send(frames: Frames): void {
    this.last = this.last
      .then(() => this.socket.send(frames))
      // A client that went away: its answer is of no use to anybody.
      .catch(() => {});
  }

  /** Until everything is with ZeroMQ. */
  empty(): Promise<void> {
    return this.last;
  }
}
