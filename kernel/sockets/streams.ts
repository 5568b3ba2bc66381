import type { Cause } from "./mail";

const BATCH_MS = 50;
/** Text of this length is sent at once, so that one message does not hold everything that a loop prints. */
const BATCH_LENGTH = 1 << 16;

type Name = "stdout" | "stderr";

/** Text on its way to the client, collected for about 50 ms, in order. */
export class Streams {
  private cause: Cause | undefined;
  private name: Name = "stdout";
  private texts: string[] = [];
  private length = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (cause: Cause, name: Name, text: string) => void) {}

  write(cause: Cause, name: Name, text: string): void {
    if (!text) return;
    if (this.cause?.header.msg_id !== cause.header.msg_id || this.name !== name) this.flush();
    this.cause = cause;
    this.name = name;
    this.texts.push(text);
    this.length += text.length;
    if (this.length >= BATCH_LENGTH) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.cause || !this.length) return;
    this.send(this.cause, this.name, this.texts.join(""));
    this.texts = [];
    this.length = 0;
  }
}
