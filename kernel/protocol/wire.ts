import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { userInfo } from "node:os";
import type { MessageParts } from "./comms";
import { type Connection, type Header, PROTOCOL, type Request } from "./message";

const DELIMITER = "<IDS|MSG>";
/** The OpenSSL names of hashes. Jupyter uses Python's names, some of which differ. */
const OPENSSL: Record<string, string> = { blake2b: "blake2b512", blake2s: "blake2s256" };

/** Signatures that are remembered; jupyter_client's session keeps as many. */
const REMEMBERED = 2 ** 16;

/** Messages as frames, signed and verified. */
export class Wire {
  readonly session = randomUUID();
  /** The signatures of the last messages. Each message has an id and a time, so a repeated signature is a replay. */
  private readonly received = new Set<string>();
  private readonly username = nameOfUser();
  private readonly hash: string;

  constructor(private readonly connection: Pick<Connection, "key" | "signature_scheme">) {
    const scheme = connection.signature_scheme || "hmac-sha256";
    if (!scheme.startsWith("hmac-")) throw new Error(`unknown signature scheme: ${scheme}`);
    const hash = scheme.slice("hmac-".length);
    this.hash = OPENSSL[hash] ?? hash.replace("_", "-");
  }

  /** @param content as JSON */
  pack(
    identities: readonly Uint8Array[],
    type: string,
    parent: Partial<Header>,
    content: string,
    { metadata = {}, buffers = [] }: MessageParts = {},
  ): (string | Uint8Array)[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: this.username,
      date: new Date().toISOString(),
      version: PROTOCOL,
    };
    const parts = [header, parent, metadata].map((part) => JSON.stringify(part));
    parts.push(wellFormed(content));
    return [...identities, DELIMITER, this.sign(parts), ...parts, ...buffers];
  }

  /** Unpacks a message. @throws Error that says what is wrong with it; such a message is dropped */
  unpack(channel: Request["channel"], frames: readonly Uint8Array[]): Request {
    const at = frames.findIndex((frame) => Buffer.from(frame).equals(Buffer.from(DELIMITER)));
    if (at < 0) throw new Error("no delimiter");
    const [signature, ...parts] = frames.slice(at + 1, at + 6);
    if (!signature || parts.length < 4)
      throw new Error(`${frames.length - at - 1} frames after the delimiter instead of at least 5`);
    if (this.connection.key && !this.isSigned(signature, parts)) throw new Error("wrong signature");
    if (this.connection.key) this.refuseReplay(Buffer.from(signature).toString("latin1"));
    const [header, parentHeader, metadata, content] = parts.map(parseObject);
    if (typeof header!.msg_type !== "string" || typeof header!.msg_id !== "string")
      throw new Error("a header without msg_type and msg_id");
    return {
      channel,
      // Copied: the socket may use its memory again.
      identities: frames.slice(0, at).map((frame) => new Uint8Array(frame)),
      header: header as unknown as Header,
      parentHeader: parentHeader!,
      metadata: metadata!,
      content: content!,
      buffers: frames.slice(at + 6).map((frame) => new Uint8Array(frame)),
    };
  }

  private sign(parts: readonly (string | Uint8Array)[]): string {
    if (!this.connection.key) return "";
    const hmac = createHmac(this.hash, this.connection.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  private refuseReplay(signature: string): void {
    if (this.received.has(signature)) throw new Error("a message that was received before");
    this.received.add(signature);
    const [oldest] = this.received;
    if (this.received.size > REMEMBERED) this.received.delete(oldest!);
  }

  private isSigned(signature: Uint8Array, parts: readonly Uint8Array[]): boolean {
    const right = Buffer.from(this.sign(parts));
    return right.length === signature.length && timingSafeEqual(right, signature);
  }
}

/** Replaces halves of emoji, with which a cut text may end: Jupyter cannot save a notebook that contains one. */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (part) => (part === "\\\\" ? part : "\ufffd"));
}

function parseObject(frame: Uint8Array): Record<string, unknown> {
  const value = JSON.parse(Buffer.from(frame).toString("utf8")) as unknown;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not an object");
  return value as Record<string, unknown>;
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "kernel";
  }
}
