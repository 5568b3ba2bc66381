import { appendFileSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { writeInt, writeMessage, writeText } from "../../engine/protobuf";

/** The file's first bytes: `:W&B`, the lower half of the CRC-32 of "Weights & Biases", and version 0. */
const HEADER = Buffer.from([...Buffer.from(":W&B"), 0xe1, 0xbe, 0]);
const BLOCK = 32_768;
/** The size of a chunk's header: checksum, length and kind. */
const CHUNK_HEADER = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

/**
 * A `.wandb` file, which holds records in LevelDB's log format
 * (https://github.com/google/leveldb/blob/main/doc/log_format.md) after its own header, with CRC-32 instead of CRC-32C.
 * A record that does not fit into a block of 32 KiB continues in the next blocks.
 */
export class WandbFile {
  private size: number;

  /** @param path the file, which is overwritten */
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

/**
 * Messages of a `.wandb` file, each a `Record` of
 * https://github.com/wandb/wandb/blob/v0.16.6/wandb/proto/wandb_internal.proto; the numbers are those of its fields.
 */
export interface RunStart {
  id: string;
  project: string;
  /** The name that W&B shows instead of the id. */
  name: string;
  tags: readonly string[];
  config: readonly Entry[];
  host: string;
  /** The time in seconds since 1970. */
  started: number;
  /** The first step of this file. */
  step: number;
  resumed: boolean;
}

/** A name and its value as JSON. */
export type Entry = readonly [name: string, value: unknown];

/** Encodes the program that wrote the file, and the oldest wandb version that reads it. */
export const headerRecord = (producer: string, oldestReader: string): Buffer =>
  writeMessage(21, writeMessage(1, writeText(1, producer), writeText(2, oldestReader)));

/** Encodes the settings of a run. */
export function runRecord(run: RunStart): Buffer {
  const seconds = Math.floor(run.started);
  const nanoseconds = Math.round((run.started - seconds) * 1e9);
  return writeMessage(
    17,
    writeText(1, run.id),
    writeText(3, run.project),
    writeMessage(4, ...entries(run.config)),
    writeText(8, run.name),
    ...run.tags.map((tag) => writeText(10, tag)),
    writeText(13, run.host),
    writeInt(14, run.step),
    writeMessage(17, writeInt(1, seconds), writeInt(2, nanoseconds)),
    writeInt(18, run.resumed),
  );
}

/** Encodes a row of the run's history. */
export const historyRecord = (step: number, row: readonly Entry[]): Buffer =>
  writeMessage(2, ...entries(row), writeMessage(2, writeInt(1, step)));

/** Encodes the last value of each number. */
export const summaryRecord = (values: readonly Entry[]): Buffer => writeMessage(3, ...entries(values));

/** @param seconds the duration of the run */
export const exitRecord = (code: number, seconds: number): Buffer =>
  writeMessage(18, writeInt(1, code), writeInt(2, Math.round(seconds)));

const entries = (list: readonly Entry[]): Buffer[] =>
  list.map(([name, value]) => writeMessage(1, writeText(1, name), writeText(16, JSON.stringify(value))));
