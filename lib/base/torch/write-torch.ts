import { zipSync } from "fflate";
import { writeAtomically } from "../files/atomic";
import { pickle } from "./pickle";

/**
 * Writes a file that `torch.load` reads, also with `weights_only=True`. Atomic.
 *
 * @param root the name of the folder within the archive, such as the file's name without its extension
 * @param value see `pickle`
 * @throws TypeError for a value that cannot be written
 */
export function writeTorch(path: string, root: string, value: unknown): void {
  const data: Record<string, Uint8Array> = {};
  let tensors = 0;
  const bytes = pickle(value, ({ values }) => {
    const key = String(tensors++);
    data[`${root}/data/${key}`] = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return key;
  });
  const about = { byteorder: "little", version: "3\n", ".format_version": "1" };
  const texts = Object.entries(about).map(([name, text]) => [`${root}/${name}`, Buffer.from(text)] as const);
  // PyTorch writes entries with a constant date and without compression.
  const options = { level: 0, mtime: new Date(1980, 0, 1) } as const;
  writeAtomically(path, [
    zipSync({ [`${root}/data.pkl`]: bytes, ...Object.fromEntries(texts), ...data }, options),
  ]);
}
