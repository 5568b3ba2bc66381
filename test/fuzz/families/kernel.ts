import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Wire } from "../../../kernel/protocol/wire";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, require } from "../family";
import { editTree, treeEdits } from "../tree";

const KEY = "secret";
const VALID = [
  {
    msg_id: "1",
    msg_type: "execute_request",
    session: "s",
    username: "u",
    date: "2031-03-01",
    version: "5.5",
  },
  { msg_id: "0", msg_type: "execute_reply" },
  {},
  { code: "1 + 1", silent: false, user_expressions: {} },
];

/** Messages to the kernel, with a valid signature or with changed bytes; a rejected message is dropped with a reason. */
export const family = defineFamily({
  inputs: fc.record({
    parts: treeEdits,
    bytes: fc.option(fc.tuple(fc.nat(10), byteEdits), { nil: undefined }),
    frames: fc.option(fc.record({ remove: fc.nat(8), repeat: fc.nat(8) }), { freq: 2, nil: undefined }),
    signed: fc.boolean(),
  }),
  // The kernel drops a message whose error is one of these, and logs the reason.
  isTyped: (error) =>
    error instanceof SyntaxError ||
    (error instanceof Error && error.constructor === Error && !error.message.startsWith("a valid")),
  prepare() {
    const wire = new Wire({ key: KEY, signature_scheme: "hmac-sha256" });
    let count = 0;
    return (input) => {
      const changed = editTree(VALID, input.parts);
      let parts: Buffer[] = (Array.isArray(changed) ? changed : [changed]).map((part) =>
        Buffer.from(JSON.stringify(part) ?? ""),
      );
      if (input.bytes && parts.length > 0) {
        const [at, edits] = input.bytes;
        parts = parts.map((part, i) => (i === at % parts.length ? editBytes(part, edits) : part));
      }
      let frames: Buffer[] = [
        Buffer.from("client"),
        Buffer.from("<IDS|MSG>"),
        Buffer.from(input.signed ? signature(parts.slice(0, 4)) : ""),
        ...parts,
      ];
      if (input.frames) {
        const { remove, repeat } = input.frames;
        frames = frames.flatMap((frame, i) => (i === remove ? [] : i === repeat ? [frame, frame] : [frame]));
      }
      try {
        wire.unpack("shell", frames);
      } finally {
        const valid = [{ ...VALID[0], msg_id: `valid ${count++}` }, ...VALID.slice(1)].map((part) =>
          Buffer.from(JSON.stringify(part)),
        );
        const request = wire.unpack("shell", [
          Buffer.from("<IDS|MSG>"),
          Buffer.from(signature(valid)),
          ...valid,
        ]);
        require(request.header.msg_type === "execute_request", "a valid message is read otherwise");
      }
    };
  },
});

function signature(parts: readonly Buffer[]): string {
  const hmac = createHmac("sha256", KEY);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
