import { expect, test } from "vitest";
import { Wire } from "../../kernel/protocol/wire";

const framesOf = (wire: Wire) =>
  wire.pack([Buffer.from("client")], "execute_request", {}, '{"code":"1"}').map((part) => Buffer.from(part));

test("accepts a signed message once, as ipykernel does", () => {
  const wire = new Wire({ key: "secret", signature_scheme: "hmac-sha256" });
  const first = framesOf(wire);
  expect(wire.unpack("shell", first).header.msg_type).toBe("execute_request");
  expect(() => wire.unpack("shell", first)).toThrow("a message that was received before");
  expect(() => wire.unpack("control", first)).toThrow("a message that was received before");
  expect(wire.unpack("shell", framesOf(wire)).content).toEqual({ code: "1" });
});

test("does not remember the signature of a message whose signature is wrong", () => {
  const wire = new Wire({ key: "secret", signature_scheme: "hmac-sha256" });
  const right = framesOf(wire);
  const wrong = right.map((frame, i) => (i === right.length - 1 ? Buffer.from('{"code":"2"}') : frame));
  expect(() => wire.unpack("shell", wrong)).toThrow("wrong signature");
  expect(wire.unpack("shell", right).content).toEqual({ code: "1" });
});
