import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { NumpyValues } from "../../../lib/base/torch/numpy-values";
import { readTorch } from "../../../lib/base/torch/read-torch";
import { TorchTensor } from "../../../lib/base/torch/tensor";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily } from "../family";

const FILES = join(__dirname, "..", "..", "base", "torch", "files");
/** Operations of pickles, so that a random pickle does more than end at its first byte. */
const OPERATIONS = [..."(0123NGJKMXBCU]})ae.ustRbcQhqjr", "\x80\x02", "\x85", "\x86", "\x87", "\x88", "\x8a\x01", "\x8c\x01a", "\x8f", "\x90", "\x91", "\x93", "\x94", "\x95", "ccollections\nOrderedDict\n", "cnumpy\nndarray\n", "cnumpy\ndtype\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nFloatStorage\n", "X\x07\x00\x00\x00storage"]; // biome-ignore format: one list

/** Files of `torch.save`: bytes of the archive or of its pickle are changed, or the pickle is a random one. All values are read. */
export const family = defineFamily({
  inputs: fc.record({
    protocol: fc.integer({ min: 2, max: 5 }),
    archive: fc.option(byteEdits, { freq: 2, nil: [] }),
    pickle: fc.oneof(
      fc.record({ edits: byteEdits }),
      fc.record({ operations: fc.array(fc.constantFrom(...OPERATIONS), { maxLength: 60 }) }),
    ),
  }),
  prepare(folder) {
    const file = join(folder, "changed.pt");
    const valid = [2, 3, 4, 5].map((protocol) =>
      unzipSync(readFileSync(join(FILES, `types-${protocol}.pt`))),
    );
    return ({ protocol, archive, pickle }) => {
      const parts = { ...valid[protocol - 2]! };
      const name = Object.keys(parts).find((part) => part.endsWith("/data.pkl"))!;
      parts[name] =
        "edits" in pickle
          ? editBytes(parts[name]!, pickle.edits)
          : Buffer.from(`\x80\x02${pickle.operations.join("")}.`, "latin1");
      writeFileSync(file, editBytes(zipSync(parts, { level: 0 }), archive));
      readAll(readTorch(file));
    };
  },
});

/** Reads the values of all tensors. */
function readAll(value: unknown, seen = new Set<unknown>()): void {
  if (seen.has(value)) return;
  seen.add(value);
  if (value instanceof TorchTensor) value.read();
  else if (value instanceof NumpyValues) for (const item of value.values) readAll(item, seen);
  else if (value instanceof Map || value instanceof Set || Array.isArray(value))
    for (const item of value instanceof Map ? [...value].flat() : value) readAll(item, seen);
}
