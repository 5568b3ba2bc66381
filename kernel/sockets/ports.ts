import { writeSync } from "node:fs";
import { Reply, Router, XPublisher } from "zeromq";
import type { MessageParts } from "../protocol/comms";
import type { Connection, Header, Request } from "../protocol/message";
import { Wire } from "../protocol/wire";

type Channel = Request["channel"];
type Frames = (string | Uint8Array)[];

const UNLIMITED = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 1000 };

/** The five ZeroMQ sockets of a kernel. Messages are signed, verified, and sent in order. */
export class Ports {
  private readonly wire: Wire;
  private readonly routers = {
    shell: new Router(UNLIMITED),
    control: new Router(UNLIMITED),
    stdin: new Router(UNLIMITED),
  };
  private readonly iopub = new XPublisher({ ...UNLIMITED, verbosity: "allSubs" });
  private readonly heartbeat = new Reply({ linger: 0 });
  private readonly boxes = {
    shell: new Outbox(this.routers.shell),
    control: new Outbox(this.routers.control),
    stdin: new Outbox(this.routers.stdin),
    iopub: new Outbox(this.iopub),
  };

  /** @param log the file descriptor of Jupyter's log */
  constructor(
    private readonly connection: Connection,
    private readonly log: number,
  ) {
    this.wire = new Wire(connection);
  }

  async bind(): Promise<void> {
    const { connection, routers } = this;
    const address = (port: number) =>
      connection.transport === "ipc"
        ? `ipc://${connection.ip}-${port}`
        : `${connection.transport}://${connection.ip}:${port}`;
    await Promise.all([
      routers.shell.bind(address(connection.shell_port)),
      routers.control.bind(address(connection.control_port)),
      routers.stdin.bind(address(connection.stdin_port)),
      this.iopub.bind(address(connection.iopub_port)),
      this.heartbeat.bind(address(connection.hb_port)),
    ]);
  }

  /** Publishes a message to all clients. @param content as JSON */
  publish(topic: string, type: string, parent: Partial<Header>, content: string, rest?: MessageParts): void {
    this.boxes.iopub.send(this.wire.pack([Buffer.from(topic)], type, parent, content, rest));
  }

  /** Sends a message to one client. @param content as JSON */
  send(
    channel: Channel,
    { identities, header }: { identities: Uint8Array[]; header: Partial<Header> },
    type: string,
    content: string,
  ): void {
    this.boxes[channel].send(this.wire.pack(identities, type, header, content));
  }

  /** Passes all requests of a channel to `handle`. A message that cannot be read is a line in the log. */
  async receive(channel: Channel, handle: (request: Request) => void): Promise<void> {
    for await (const frames of this.routers[channel])
      try {
        handle(this.wire.unpack(channel, frames as Uint8Array[]));
      } catch (error) {
        writeSync(this.log, `a message on ${channel} was dropped: ${(error as Error).message}\n`);
      }
  }

  /** Returns every message of the heartbeat. */
  async beat(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames);
  }

  /** Sends the welcome message to a new subscriber, so that it knows that it receives every message from here on. */
  async welcome(): Promise<void> {
    for await (const [frame] of this.iopub) {
      if (frame![0] !== 1) continue;
      const topic = frame!.subarray(1);
      const content = JSON.stringify({ subscription: topic.toString() });
      this.boxes.iopub.send(this.wire.pack([new Uint8Array(topic)], "iopub_welcome", {}, content));
    }
  }

  /** Resolves when ZeroMQ has all messages. */
  async flush(): Promise<void> {
    await Promise.all(Object.values(this.boxes).map((box) => box.last));
  }
}

/** Sends messages in the order in which they arrived. A socket accepts one at a time. */
class Outbox {
  /** Resolves when ZeroMQ has all messages. */
  last: Promise<void> = Promise.resolve();

  constructor(private readonly socket: { send(frames: Frames): Promise<void> }) {}

  send(frames: Frames): void {
    this.last = this.last
      .then(() => this.socket.send(frames))
      // The client has disconnected and needs no answer.
      .catch(() => {});
  }
}
