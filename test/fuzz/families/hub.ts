import { once } from "node:events";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { RendezvousServer } from "../../../lib/distributed/rendezvous-server";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, require } from "../family";
import { editTree, treeEdits } from "../tree";

const KEY = "the right key";
const join = (rank: number) => ({ say: "join", rank, worldSize: 64, port: 20_001, key: KEY });
const MESSAGES = [
  join(0),
  { say: "beat", moves: 1, step: 1, waiting: false },
  { say: "unreachable", rank: 1, address: "127.0.0.1:1", reason: "no answer" },
  { say: "failed", message: "it failed", stack: "", consequence: false },
  { say: "tell", what: { event: "step", loss: "#NaN" } },
  { say: "busy" },
  { say: "done" },
];

/** Messages of strangers and of a worker to the rendezvous server. It must continue to listen. */
export const family = defineFamily({
  inputs: fc.record({
    worker: fc.boolean(),
    messages: fc.array(fc.record({ message: fc.nat(MESSAGES.length - 1), edits: treeEdits }), {
      minLength: 1,
      maxLength: 4,
    }),
    bytes: fc.option(byteEdits, { nil: [] }),
  }),
  prepare() {
    return async (input) => {
      const meeting = new RendezvousServer({
        worldSize: 64,
        address: "127.0.0.1",
        port: 0,
        key: KEY,
        watchdog: 300,
        joinTimeout: 300,
        onFault: () => {},
        onTell: () => {},
      });
      const port = await meeting.listen();
      try {
        const first = input.worker ? [join(1)] : [];
        const changed = input.messages.map(({ message, edits }) =>
          editTree(MESSAGES[message], edits, MESSAGES),
        );
        const lines = changed.map((message) => `${JSON.stringify(message)}\n`).join("");
        const text = Buffer.concat([
          ...first.map((message) => Buffer.from(`${JSON.stringify(message)}\n`)),
          editBytes(Buffer.from(lines), input.bytes),
        ]);
        const socket = await connected(port);
        socket.end(text);
        if (!socket.destroyed) await Promise.race([once(socket, "close"), later()]);
        const friend = await connected(port);
        friend.write(`${JSON.stringify(join(63))}\n`);
        const [answer] = (await once(friend, "data")) as [Buffer];
        require(answer.includes("welcome"), `a worker was answered ${answer}`);
        friend.destroy();
        socket.destroy();
      } finally {
        meeting.close();
      }
    };
  },
});

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

const later = () => new Promise((resolve) => setTimeout(resolve, 50));
