import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { fromJson } from "../../base/files/json";
import type { TrainerEvent } from "../../protocols/events";

const LOOK_EVERY_MS = 200;
const PIECE = 1 << 16;

/** Follows a file of events, one JSON object a line, while another process appends to it. */
export class EventTail {
  private at = 0;
  private rest = Buffer.alloc(0);
  private readonly timer: NodeJS.Timeout;

  /** @param path need not exist yet */
  constructor(
    private readonly path: string,
    private readonly onEvent: (event: TrainerEvent) => void,
  ) {
    this.timer = setInterval(() => this.read(), LOOK_EVERY_MS);
  }

  /** Reads what is left, and ends. */
  close(): void {
    clearInterval(this.timer);
    this.read();
  }

  private read(): void {
    if (!existsSync(this.path)) return;
    const file = openSync(this.path, "r");
    try {
      const piece = Buffer.alloc(PIECE);
      for (let size = -1; size !== 0; this.at += size) {
        size = readSync(file, piece, 0, PIECE, this.at);
        this.take(piece.subarray(0, size));
      }
    } finally {
      closeSync(file);
    }
  }

  private take(piece: Buffer): void {
    const all = Buffer.concat([this.rest, piece]);
    const end = all.lastIndexOf("\n") + 1;
    this.rest = all.subarray(end);
    for (const line of all.toString("utf8", 0, end).split("\n")) {
      const event = fromJson<TrainerEvent>(line);
      if (event) this.onEvent(event);
    }
  }
}
