import { appendFileSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";

/** The file's first bytes: `:W&B`, the lower half of the CRC-32 of "Weights & Biases", and version 0. */
const HEADER = Buffer.from([...Buffer.from(":W&B"), 0xe1, 0xbe, 0]);
const BLOCK = 32_768;
/** Before each chunk: its checksum, length and kind. */
const CHUNK_HEADER = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

/**
 * A `.wandb` file, which holds records in LevelDB's log format (https://github.com/google/leveldb/blob/main/doc/log_format.md) behind a
 * header of its own, with CRC-32 instead of CRC-32C. A record that does not fit into a block of 32 KiB goes on in the next ones.
 */
export class WandbFile {
  private size: number;

  /** @param path is overwritten */
  constructor(readonly path: string) {
    writeFileSync(path, HEADER);
    this.size = HEADER.length;
  }

  append(record: Buffer): void {
    const pieces: Buffer[] = [];
    let rest = record;
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      let left = BLOCK - (this.size % BLOCK);
      if (left < CHUNK_HEADER) {
        pieces.push(Buffer.alloc(left));
        this.size += left;
        left = BLOCK;
      }
      const data = rest.subarray(0, left - CHUNK_HEADER);
      rest = rest.subarray(data.length);
      const isLast = rest.length === 0;
      pieces.push(chunk(isFirst ? (isLast ? FULL : FIRST) : isLast ? LAST : MIDDLE, data));
      this.size += CHUNK_HEADER + data.length;
    }
    appendFileSync(this.path, Buffer.concat(pieces));
  }
}

function chunk(kind: number, data: Buffer): Buffer {
  const header = Buffer.alloc(CHUNK_HEADER);
  header.writeUInt32LE(crc32(data, crc32(Buffer.of(kind))));
  header.writeUInt16LE(data.length, 4);
  header.writeUInt8(kind, 6);
  return Buffer.concat([header, data]);
}
