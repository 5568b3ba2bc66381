import { appendFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeDouble, writeFloat, writeInt, writeMessage } from "../engine/protobuf";
import { makeFolder } from "../files/folder";

/** Files of one process get different names. */
let files = 0;

/**
 * A file that TensorBoard reads: records of TensorFlow's `Event` messages
 * (https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/util/event.proto), each with checksums.
 */
export class EventsWriter {
  readonly path: string;

  /** @param folder made if it is not there */
  constructor(folder: string) {
    makeFolder(folder);
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
    this.path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}`);
    this.write(0, writeMessage(3, Buffer.from("brain.Event:2")));
  }

  scalars(step: number, values: readonly (readonly [tag: string, value: number])[]): void {
    this.summary(
      step,
      values.map(([tag, value]) => [text(1, tag), writeFloat(2, value)]),
    );
  }

  picture(step: number, tag: string, png: { width: number; height: number; bytes: Buffer }): void {
    const RGBA = 4;
    const fields = [writeInt(1, png.height), writeInt(2, png.width), writeInt(3, RGBA)];
    this.summary(step, [[text(1, tag), writeMessage(4, ...fields, writeMessage(4, png.bytes))]]);
  }

  /** What earlier files of the folder say of this step and later ones counts no more: a run goes on from here. */
  restart(step: number): void {
    const START = 1;
    this.write(step, writeMessage(7, writeInt(1, START)));
  }

  private summary(step: number, values: readonly Buffer[][]): void {
    this.write(step, writeMessage(5, ...values.map((fields) => writeMessage(1, ...fields))));
  }

  private write(step: number, content: Buffer): void {
    appendFileSync(
      this.path,
      record(Buffer.concat([writeDouble(1, Date.now() / 1000), writeInt(2, step), content])),
    );
  }
}

const text = (number: number, value: string) => writeMessage(number, Buffer.from(value));

/** Length, its checksum, the data, its checksum: TensorFlow's record format. */
function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

/** TensorFlow's masked checksum: rotated and shifted, so that the checksum of data with checksums in it is a good one. */
function masked(bytes: Buffer): Buffer {
  const crc = crc32c(bytes);
  const out = Buffer.alloc(4);
  out.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return out;
}

/** CRC-32C (Castagnoli), reflected. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0x82f63b78 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});
