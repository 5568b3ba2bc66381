/**
 * The part of protobuf's wire format that the engine needs to read TensorFlow's messages and to write its options:
 * https://protobuf.dev/programming-guides/encoding/
 */

/** A field of a message: the bytes of a string or nested message, or the number of a varint or fixed value. */
export interface Field {
  readonly number: number;
  readonly bytes: Buffer;
  readonly value: number;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const NOTHING = Buffer.alloc(0);

/** Returns the fields of a message in their order. */
export function readFields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key & 7) {
      case VARINT:
        found.push({ number, bytes: NOTHING, value: varint() });
        break;
      case FIXED64:
        found.push({ number, bytes: NOTHING, value: message.readDoubleLE(at) });
        at += 8;
        break;
      case LENGTH_DELIMITED: {
        const length = varint();
        found.push({ number, bytes: message.subarray(at, at + length), value: 0 });
        at += length;
        break;
      }
      case FIXED32:
        found.push({ number, bytes: NOTHING, value: message.readFloatLE(at) });
        at += 4;
        break;
      default:
        throw new Error(`A protobuf message has a field of wire type ${key & 7}, which is not supported.`);
    }
  }
  return found;
}

/** Returns all nested messages or strings of one field. */
export const allBytes = (fields: readonly Field[], number: number): Buffer[] =>
  fields.filter((field) => field.number === number).map(({ bytes }) => bytes);

/** Returns a number field; 0 when it is absent, as in proto3. */
export const numberOf = (fields: readonly Field[], number: number): number =>
  fields.find((field) => field.number === number)?.value ?? 0;

/** Returns a string field; empty when it is absent. */
export const textOf = (fields: readonly Field[], number: number): string =>
  fields.find((field) => field.number === number)?.bytes.toString() ?? "";

function varintBytes(value: number): Buffer {
  if (value < 0) return negativeVarint(value);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** Encodes a negative number as an int64 in two's complement, which has ten bytes. */
function negativeVarint(value: number): Buffer {
  const bits = BigInt.asUintN(64, BigInt(value));
  return Buffer.from(
    Array.from({ length: 10 }, (_, i) => Number((bits >> BigInt(7 * i)) & 127n) + (i < 9 ? 128 : 0)),
  );
}

/** Encodes an integer or boolean as a field. */
export const writeInt = (number: number, value: number | boolean): Buffer =>
  Buffer.concat([varintBytes(number * 8 + VARINT), varintBytes(Number(value))]);

/** Encodes a `double` as a field. */
export function writeDouble(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varintBytes(number * 8 + FIXED64), bytes]);
}

/** Encodes a nested message as a field. */
export const writeMessage = (number: number, ...fields: Buffer[]): Buffer => {
  const bytes = Buffer.concat(fields);
  return Buffer.concat([varintBytes(number * 8 + LENGTH_DELIMITED), varintBytes(bytes.length), bytes]);
};

/** Encodes a string as a field. */
export const writeText = (number: number, value: string): Buffer => writeMessage(number, Buffer.from(value));

/** Encodes a `float` as a field. */
export function writeFloat(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varintBytes(number * 8 + FIXED32), bytes]);
}
