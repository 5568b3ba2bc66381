import { ELEMENT_TYPES } from "../arrays/element-types";
import { ConfigError } from "../config";
import { type OpenFile, openForSlices } from "../files/slices";
import { PickleError } from "./pickle-machine";
import type { Storage } from "./tensor";
import { unpickle } from "./unpickle";
import { type ZipEntry, ZipError, zipEntries } from "./zip";

/** The longest pickle that is read, in bytes. Tensors are stored outside of it. */
const LONGEST_PICKLE = 1 << 29;
/** The first bytes of a file that PyTorch wrote before version 1.6: a pickle of a magic number. */
const OLD = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");
const ZIP = Buffer.from("504b0304", "hex");

/**
 * Reads a file of `torch.save`, such as a Lightning checkpoint or a `.dset` recording, without Python and without running any
 * code from the file. Tensors are `TorchTensor`s, whose values are read from the file on demand.
 *
 * @returns see `unpickle`
 * @throws ConfigError that names the file, when it cannot be read, is cut off, or holds anything but the known types
 */
export function readTorch(path: string): unknown {
  try {
    return openForSlices(path, (file) => {
      requireZip(file);
      const entries = new Map(zipEntries(file).map((entry) => [entry.name, entry]));
      const root = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name))?.slice(0, -8);
      if (root === undefined)
        throw new ZipError("is a zip archive without a data.pkl, so torch.save did not write it");
      requireLittleEndian(file, entries.get(`${root}byteorder`));
      const pickle = entries.get(`${root}data.pkl`)!;
      if (pickle.bytes > LONGEST_PICKLE)
        throw new ZipError(`has a pickle of ${pickle.bytes} bytes, which is too long`);
      return unpickle(file.read(pickle.start, pickle.start + pickle.bytes), ({ dtype }, key, elements) =>
        storageIn(path, entries.get(`${root}data/${key}`), key, dtype, elements),
      );
    });
  } catch (cause) {
    if (cause instanceof PickleError || cause instanceof ZipError)
      throw new ConfigError(path, [{ path: "", message: cause.message }], { cause });
    throw cause;
  }
}

function requireZip(file: OpenFile): void {
  const start = Buffer.from(file.read(0, Math.min(file.size, OLD.length)));
  if (start.subarray(0, 4).equals(ZIP)) return;
  if (start.equals(OLD))
    throw new ZipError(
      "is in the format of PyTorch before 1.6, which is not supported; convert it in Python: torch.save(torch.load(file), file)",
    );
  throw new ZipError("is not a file of torch.save; check the path");
}

function requireLittleEndian(file: OpenFile, entry: ZipEntry | undefined): void {
  // Files before PyTorch 2.1 do not state the byte order.
  if (
    !entry ||
    Buffer.from(file.read(entry.start, entry.start + Math.min(entry.bytes, 16))).toString() === "little"
  )
    return;
  throw new ZipError(
    "was written on a big-endian machine, which is not supported; save it again on a little-endian one",
  );
}

function storageIn(
  path: string,
  entry: ZipEntry | undefined,
  key: string,
  dtype: string,
  elements: number,
): Storage {
  const needed = elements * ELEMENT_TYPES[dtype]!.bytes;
  if (!entry || !(elements >= 0) || needed > entry.bytes)
    throw new ZipError(`lacks the values of a tensor (data/${key}); it is cut off or damaged`);
  const read = (from: number, to: number) =>
    openForSlices(path, (file) => file.read(entry.start + from, entry.start + to));
  return { file: path, dtype, elements, read };
}
