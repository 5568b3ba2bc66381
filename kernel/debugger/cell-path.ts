import { tmpdir } from "node:os";
import { join, sep } from "node:path";

/**
 * The rule by which a front end computes the path of a cell from its text, which it needs before the cell runs. It is part of
 * the reply to `debugInfo`: https://jupyter-client.readthedocs.io/en/stable/messaging.html#debuginfo
 */
export const CELL_PATHS = {
  hashMethod: "Murmur2",
  hashSeed: 0xc70f6907,
  // JupyterLab shows a path as "Cell [3]" only if it contains "ipykernel_".
  tmpFilePrefix: join(tmpdir(), `ipykernel_gradbook_${process.pid}`) + sep,
  tmpFileSuffix: ".ts",
} as const;

/** Returns the path under which debuggers know a cell. There is no such file. */
export const cellPath = (code: string): string =>
  `${CELL_PATHS.tmpFilePrefix}${murmur2(Buffer.from(code), CELL_PATHS.hashSeed)}${CELL_PATHS.tmpFileSuffix}`;

const MULTIPLIER = 0x5bd1e995;

/** Austin Appleby's MurmurHash2 with 32 bits (https://github.com/aappleby/smhasher). */
function murmur2(bytes: Buffer, seed: number): number {
  const blocks = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < blocks; at += 4) {
    let block = Math.imul(bytes.readUInt32LE(at), MULTIPLIER);
    block ^= block >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(block, MULTIPLIER);
  }
  if (bytes.length > blocks)
    hash = Math.imul(hash ^ bytes.readUIntLE(blocks, bytes.length - blocks), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return (hash ^ (hash >>> 15)) >>> 0;
}
