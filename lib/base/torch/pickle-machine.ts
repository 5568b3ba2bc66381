import { type Global, globalOf, StorageType } from "./globals";
import { NumpyType, NumpyValues } from "./numpy-values";
import type { Storage } from "./tensor";

/** The reason why a pickle cannot be read. */
export class PickleError extends Error {}

/** Returns the storage of a tensor that the pickle refers to. */
export type StorageOf = (type: StorageType, key: string, elements: number) => Storage;

/** The longest integer that is read, in bytes. */
const LONGEST_INTEGER = 1024;

/** Returns the error for a damaged pickle. */
export const damaged = () =>
  new PickleError("is damaged: its pickle ends early or refers to a missing value");

/** The virtual machine of pickle: a stack of values with marks, and a memory of earlier values. */
export class PickleMachine {
  private readonly view: DataView;
  private at = 0;
  private stack: unknown[] = [];
  private readonly marked: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly storageOf: StorageOf,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw damaged();
    return this.stack.pop();
  }

  top(): unknown {
    if (this.stack.length === 0) throw damaged();
    return this.stack.at(-1);
  }

  mark(): void {
    this.marked.push(this.stack);
    this.stack = [];
  }

  /** Returns the values since the last mark. */
  popMark(): unknown[] {
    const values = this.stack;
    const before = this.marked.pop();
    if (!before) throw damaged();
    this.stack = before;
    return values;
  }

  remember(index = this.memo.size): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw damaged();
    this.push(this.memo.get(index));
  }

  /** Takes some bytes. @param size a length that may come from the file */
  take(size: number): Uint8Array {
    if (!(size <= this.bytes.length - this.at)) throw damaged();
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  uint(size: 1 | 2 | 4 | 8): number {
    const at = this.at;
    this.take(size);
    if (size === 8) return Number(this.view.getBigUint64(at, true));
    return size === 4
      ? this.view.getUint32(at, true)
      : size === 2
        ? this.view.getUint16(at, true)
        : this.view.getUint8(at);
  }

  float(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8);
  }

  text(size: number): string {
    return Buffer.from(this.take(size)).toString("utf8");
  }

  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw damaged();
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** Reads an integer of any length, in two's complement. */
  integer(size: number): number | bigint {
    if (size > LONGEST_INTEGER) throw new PickleError(`holds an integer of ${size} bytes`);
    const digits = Buffer.from(this.take(size)).reverse().toString("hex");
    if (digits === "") return 0;
    const value = BigInt.asIntN(size * 8, BigInt(`0x${digits}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  name(module: unknown, own: unknown): void {
    const found = globalOf(String(module), String(own));
    if (!found)
      throw new PickleError(
        `holds ${module}.${own}, which is not supported: tensors, numpy arrays, dicts, lists, tuples, sets, text and numbers are. Save it again with these alone`,
      );
    this.push(found);
  }

  call(callable: unknown, args: unknown): void {
    const { name, call } = (callable ?? {}) as Partial<Global>;
    if (!call || !Array.isArray(args))
      throw new PickleError(`calls ${name ?? "a value"}, which is not supported`);
    this.push(call(args));
  }

  /** Attributes of a dict are ignored; those of numpy's objects are their content. */
  build(state: unknown): void {
    const object = this.top();
    if (object instanceof NumpyValues || object instanceof NumpyType) object.setState(state);
    else if (!(object instanceof Map)) throw new PickleError("sets attributes of an object that has none");
  }

  storage(): void {
    const id = this.pop();
    const [kind, type, key, , elements] = Array.isArray(id) ? id : [];
    if (kind !== "storage" || !(type instanceof StorageType) || typeof elements !== "number")
      throw new PickleError("refers to an outside object that is not the storage of a tensor");
    this.push(this.storageOf(type, String(key), elements));
  }
}
