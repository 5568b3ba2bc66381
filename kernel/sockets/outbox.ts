type Frames = (string | Uint8Array)[];

/** Sends messages in the order in which they arrived. A socket accepts one at a time. */
export class Outbox {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly socket: { send(frames: Frames): Promise<void> }) {}

  send(frames: Frames): void {
    this.last = this.last
      .then(() => this.socket.send(frames))
      // The client has disconnected and needs no answer.
      .catch(() => {});
  }

  /** Resolves when ZeroMQ has all messages. */
  empty(): Promise<void> {
    return this.last;
  }
}
