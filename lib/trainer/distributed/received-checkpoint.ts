import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, tf } from "../../engine";
import type { ProcessGroup } from "./process-group";

/** The bytes in one float32, which holds them exactly, and the floats in one piece of a file. */
const BYTES = 3;
const PIECE = 1 << 20;

/** The checkpoint that a process resumes from. */
export interface ReceivedCheckpoint {
  /** Undefined when rank 0 resumes from none. */
  readonly path: string | undefined;
  /** Removes a copy of rank 0's file. */
  dispose(): void;
}

/**
 * Sends rank 0's checkpoint to all processes, whose hosts may not see its file.
 *
 * @param path the checkpoint of rank 0, if it resumes; the other processes give none
 * @returns the path in rank 0; the path of a temporary copy in the others
 */
export async function receiveCheckpoint(
  group: ProcessGroup,
  path: string | undefined,
): Promise<ReceivedCheckpoint> {
  const file = path === undefined ? undefined : readFileSync(path);
  const [length] = (await group.exchange(file?.length ?? null)) as (number | null)[];
  if (typeof length !== "number") return { path: undefined, dispose() {} };
  const bytes = await broadcast(group, file ?? Buffer.alloc(length));
  if (path !== undefined) return { path, dispose() {} };
  const folder = mkdtempSync(join(tmpdir(), "gradbook-resume-"));
  const copy = join(folder, "received.safetensors");
  writeFileSync(copy, bytes, { mode: 0o600 });
  return { path: copy, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Returns the bytes of rank 0. Those of the other processes must be zero, and as many. */
async function broadcast(group: ProcessGroup, own: Buffer): Promise<Buffer> {
  const all = Buffer.alloc(own.length);
  const sum = compile((mine: tf.Tensor1D) => group.client.collectives.sum(mine, "checkpoint"), {
    name: "rank 0's checkpoint",
  });
  const row = new Float32Array(PIECE);
  for (let at = 0; at < own.length; at += PIECE * BYTES) {
    const size = Math.min(PIECE * BYTES, own.length - at);
    row.fill(0);
    for (let i = 0; i < size; i += BYTES) row[i / BYTES] = own.readUIntLE(at + i, Math.min(BYTES, size - i));
    const mine = tf.tensor1d(row);
    const sent = await sum(mine);
    const values = sent.dataSync();
    for (let i = 0; i < size; i += BYTES)
      all.writeUIntLE(values[i / BYTES]!, at + i, Math.min(BYTES, size - i));
    tf.dispose([mine, sent]);
  }
  sum.dispose();
  return all;
}
