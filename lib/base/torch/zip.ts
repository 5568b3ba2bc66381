import type { OpenFile } from "../files/slices";

/** A stored file of a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** The position of its first byte in the archive. */
  readonly start: number;
  readonly bytes: number;
}

/** The reason why an archive cannot be read. */
export class ZipError extends Error {}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The longest list of entries that is read, in bytes: a checkpoint of a million tensors has less. */
const LONGEST_LIST = 1 << 27;

/**
 * Lists the files of a zip archive (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), also one over 4 GiB (zip64). PyTorch
 * stores its files uncompressed, so parts of a file are read at their position. Zip libraries for Node either need
 * the whole archive in memory or give positions only asynchronously; checkpoints are read synchronously.
 *
 * @throws ZipError when the file is no zip archive, is cut off, or has a compressed or encrypted file
 */
export function zipEntries(file: OpenFile): ZipEntry[] {
  const { count, from, to } = listPlace(file);
  const list = view(file, from, to);
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > list.byteLength || list.getUint32(at, true) !== CENTRAL) throw damaged();
    const [nameBytes, extraBytes, noteBytes] = [28, 30, 32].map((o) => list.getUint16(at + o, true));
    const end = at + 46 + nameBytes! + extraBytes! + noteBytes!;
    if (end > list.byteLength) throw damaged();
    const name = text(list, at + 46, nameBytes!);
    if (list.getUint16(at + 10, true) !== 0 || list.getUint16(at + 8, true) & 1)
      throw new ZipError(`holds ${name} compressed or encrypted, which torch.save never does`);
    const { bytes, local } = sizes(list, at, at + 46 + nameBytes!, extraBytes!);
    entries.push({ name, start: dataStart(file, local, bytes), bytes });
    at = end;
  }
  return entries;
}

const damaged = () => new ZipError("is cut off or damaged; copy it again");

/** Finds the list of entries from the record at the end of the archive. */
function listPlace(file: OpenFile): { count: number; from: number; to: number } {
  const tail = Math.max(0, file.size - 22 - 0xffff);
  const end = view(file, tail, file.size);
  let at = end.byteLength - 22;
  while (
    at >= 0 &&
    !(end.getUint32(at, true) === END && at + 22 + end.getUint16(at + 20, true) === end.byteLength)
  )
    at--;
  if (at < 0) throw damaged();
  const locator = at - 20;
  const large = locator >= 0 && end.getUint32(locator, true) === LOCATOR_64;
  const [count, bytes, from] = large
    ? largePlace(file, whole(end, locator + 8))
    : [end.getUint16(at + 10, true), end.getUint32(at + 12, true), end.getUint32(at + 16, true)];
  if (bytes > LONGEST_LIST || from + bytes > file.size) throw damaged();
  return { count, from, to: from + bytes };
}

function largePlace(file: OpenFile, at: number): [count: number, bytes: number, from: number] {
  if (at + 56 > file.size) throw damaged();
  const record = view(file, at, at + 56);
  if (record.getUint32(0, true) !== END_64) throw damaged();
  return [whole(record, 32), whole(record, 40), whole(record, 48)];
}

/** Reads an entry's size and position. Values that do not fit into 32 bits are in its zip64 field. */
function sizes(list: DataView, at: number, extra: number, extraBytes: number) {
  let [bytes, local] = [list.getUint32(at + 24, true), list.getUint32(at + 42, true)];
  for (let field = extra; field + 4 <= extra + extraBytes; ) {
    const [id, length] = [list.getUint16(field, true), list.getUint16(field + 2, true)];
    let next = field + 4;
    field = next + length;
    if (field > extra + extraBytes) throw damaged();
    if (id !== 1) continue;
    const large = (value: number) => {
      if (value !== 0xffffffff) return value;
      if (next + 8 > field) throw damaged();
      next += 8;
      return whole(list, next - 8);
    };
    bytes = large(bytes);
    if (list.getUint32(at + 20, true) === 0xffffffff) next += 8;
    local = large(local);
  }
  return { bytes, local };
}

/** The data begins after the entry's own header, whose length may differ from that in the list. */
function dataStart(file: OpenFile, local: number, bytes: number): number {
  if (local + 30 > file.size) throw damaged();
  const header = view(file, local, local + 30);
  if (header.getUint32(0, true) !== LOCAL) throw damaged();
  const start = local + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + bytes > file.size) throw damaged();
  return start;
}

function view(file: OpenFile, from: number, to: number): DataView {
  return new DataView(file.read(from, to).buffer);
}

const text = ({ buffer }: DataView, at: number, bytes: number) =>
  Buffer.from(buffer, at, bytes).toString("utf8");

/** Reads a 64-bit position or size; one beyond 2^53 becomes too large for any file. */
const whole = (from: DataView, at: number) => Number(from.getBigUint64(at, true));
