import { randomUUID } from "node:crypto";
import type { Request } from "./message";

type Data = Record<string, unknown>;
type Publish = (type: string, content: object, rest?: MessageParts) => void;

/** The parts of a message besides its content. */
export interface MessageParts {
  metadata?: object;
  buffers?: Uint8Array[];
}

/** A channel between code in a cell and a widget in the front end. */
export interface Comm {
  readonly id: string;
  send(data: Data, buffers?: Uint8Array[]): void;
  close(data?: Data): void;
  onMessage?: (data: Data, buffers: Uint8Array[]) => void;
  onClose?: (data: Data) => void;
}

/** All open comms, and the handlers of their targets. */
export class Comms {
  private readonly targets = new Map<string, (comm: Comm, data: Data) => void>();
  private readonly open = new Map<string, { comm: Comm; target: string }>();

  constructor(private readonly publish: Publish) {}

  /** Registers a handler for comms that a front end opens to `target`. */
  register(target: string, opened: (comm: Comm, data: Data) => void): void {
    this.targets.set(target, opened);
  }

  /** Opens a comm to the front end's `target`. */
  connect(target: string, data: Data = {}, rest?: MessageParts): Comm {
    const comm = this.add(randomUUID(), target);
    this.publish("comm_open", { comm_id: comm.id, target_name: target, data }, rest);
    return comm;
  }

  /** The content of comm_info_reply. */
  info(target: unknown): object {
    const wanted = [...this.open].filter(([, one]) => !target || one.target === target);
    return {
      status: "ok",
      comms: Object.fromEntries(wanted.map(([id, one]) => [id, { target_name: one.target }])),
    };
  }

  handle({ header, content, buffers }: Request): void {
    const id = String(content.comm_id);
    const data = (content.data ?? {}) as Data;
    if (header.msg_type === "comm_open") {
      const target = String(content.target_name);
      const opened = this.targets.get(target);
      if (opened) opened(this.add(id, target), data);
      else this.publish("comm_close", { comm_id: id, data: {} });
    } else if (header.msg_type === "comm_msg") this.open.get(id)?.comm.onMessage?.(data, buffers);
    else {
      this.open.get(id)?.comm.onClose?.(data);
      this.open.delete(id);
    }
  }

  private add(id: string, target: string): Comm {
    const comm: Comm = {
      id,
      send: (data, buffers) => this.publish("comm_msg", { comm_id: id, data }, { buffers }),
      close: (data = {}) => {
        this.open.delete(id);
        this.publish("comm_close", { comm_id: id, data });
      },
    };
    this.open.set(id, { comm, target });
    return comm;
  }
}
