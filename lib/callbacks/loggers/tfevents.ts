import { appendFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../base/files/folder";
import { writeDouble, writeFloat, writeInt, writeMessage, writeText } from "../../engine/protobuf";
import type { Hyperparameter } from "./hyperparameters";

/**
 * Frames data as a record of TensorFlow's record files: its length, the length's checksum, the data, the data's checksum
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
 */
function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

/** TensorFlow's masked checksum: rotated and shifted, because a CRC of data that holds CRCs is a weak one. */
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

/** A counter that gives the files of one process different names. */
let files = 0;

/**
 * A file that TensorBoard reads: records of TensorFlow's `Event` messages
 * (https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/util/event.proto), each with checksums.
 */
export class EventsWriter {
  readonly path: string;

  /** @param folder is created if it does not exist */
  constructor(folder: string) {
    makeFolder(folder);
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
    this.path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}`);
    this.write(0, writeMessage(3, Buffer.from("brain.Event:2")));
  }

  scalars(step: number, values: readonly (readonly [tag: string, value: number])[]): void {
    this.summary(
      step,
      values.map(([tag, value]) => [writeText(1, tag), writeFloat(2, value)]),
    );
  }

  picture(step: number, tag: string, png: { width: number; height: number; bytes: Buffer }): void {
    const RGBA = 4;
    const fields = [writeInt(1, png.height), writeInt(2, png.width), writeInt(3, RGBA)];
    this.summary(step, [[writeText(1, tag), writeMessage(4, ...fields, writeMessage(4, png.bytes))]]);
  }

  /**
   * Writes a histogram.
   *
   * @param edges the bins' limits, one more than there are bins
   * @param counts values in each bin
   */
  histogram(step: number, tag: string, edges: readonly number[], counts: readonly number[]): void {
    const rows = counts.map((count, bin) => [edges[bin]!, edges[bin + 1]!, count]);
    const tensor = writeTensor(
      DT_DOUBLE,
      [counts.length, 3],
      Buffer.from(Float64Array.from(rows.flat()).buffer),
    );
    this.summary(step, [
      [writeText(1, tag), pluginData("histograms", Buffer.alloc(0)), writeMessage(8, tensor)],
    ]);
  }

  /** Opens the folder's session in the HParams dashboard. */
  hyperparameters(values: readonly Hyperparameter[]): void {
    const entries = values.map(([name, value]) =>
      writeMessage(1, writeText(1, name), writeMessage(2, valueMessage(value))),
    );
    this.session("session_start_info", writeMessage(3, ...entries, writeDouble(5, Date.now() / 1000)));
  }

  /** Closes the folder's session in the HParams dashboard. */
  endSession(status: keyof typeof SESSION_STATUS): void {
    const fields = [writeInt(1, SESSION_STATUS[status]), writeDouble(2, Date.now() / 1000)];
    this.session("session_end_info", writeMessage(4, ...fields));
  }

  private session(name: string, info: Buffer): void {
    const VERSION = 0;
    const nothing = writeTensor(DT_FLOAT, [0], Buffer.alloc(0));
    const data = pluginData("hparams", Buffer.concat([writeInt(1, VERSION), info]));
    this.summary(0, [[writeText(1, `_hparams_/${name}`), data, writeMessage(8, nothing)]]);
  }

  /** Invalidates what earlier files of the folder hold for this step and later ones: a resumed run continues here. */
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

/** Numbers of TensorFlow's `DataType`. */
const DT_FLOAT = 1;
const DT_DOUBLE = 2;

/** The HParams plugin's `Status`. */
const SESSION_STATUS = { unknown: 0, success: 1, failure: 2 } as const;

/** A `TensorProto`; `content` is little-endian, as every supported machine is. */
const writeTensor = (type: number, shape: readonly number[], content: Buffer): Buffer =>
  Buffer.concat([
    writeInt(1, type),
    writeMessage(2, ...shape.map((size) => writeMessage(2, writeInt(1, size)))),
    writeMessage(4, content),
  ]);

/** A value's metadata that names the TensorBoard plugin it is for. */
const pluginData = (plugin: string, content: Buffer): Buffer =>
  writeMessage(9, writeMessage(1, writeText(1, plugin), writeMessage(2, content)));

/** A `google.protobuf.Value`. */
function valueMessage(value: Hyperparameter[1]): Buffer {
  if (typeof value === "number") return writeDouble(2, value);
  return typeof value === "boolean" ? writeInt(4, value) : writeText(3, value);
}
