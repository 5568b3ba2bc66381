import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readState } from "../../../lib/trainer/checkpoint/checkpoint";
import { loadWeights } from "../../../lib/trainer/checkpoint/load-weights";
import { Trainer } from "../../../lib/trainer/trainer";
import { Toy } from "../../trainer/toy";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, isConfigError } from "../family";
import { editTree, treeEdits } from "../tree";

type Header = Record<string, Record<string, unknown>>;

/** Checkpoints: changes bytes, the header of the file, or the training's state in it. They are loaded and resumed. */
export const family = defineFamily({
  inputs: fc.oneof(
    fc.record({ bytes: byteEdits }),
    fc.record({ header: treeEdits }),
    fc.record({ state: treeEdits }),
  ),
  async prepare(folder) {
    const options = { dir: folder, batchSize: 4, stepsPerEpoch: 2 };
    const { folder: run } = await new Trainer({ ...options, name: "valid", maxEpochs: 1 }).fit(new Toy());
    const bytes = readFileSync(join(run, "checkpoints", "last.safetensors"));
    const headerBytes = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerBytes)) as Header;
    const state = JSON.parse(String(header.__metadata__!.gradbook)) as unknown;
    const file = join(folder, "changed.safetensors");
    const module = new Toy();
    const write = (changed: unknown) => {
      const json = Buffer.from(JSON.stringify(changed) ?? "");
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(file, Buffer.concat([length, json, bytes.subarray(8 + headerBytes)]));
    };
    return async (input) => {
      if ("bytes" in input) writeFileSync(file, editBytes(bytes, input.bytes));
      else if ("header" in input) write(editTree(header, input.header));
      else {
        const gradbook = JSON.stringify(editTree(state, input.state)) ?? "";
        write({ ...header, __metadata__: { gradbook } });
      }
      const trainer = new Trainer({
        ...options,
        name: "resumed",
        overwrite: true,
        maxEpochs: 2,
        maxSteps: 4,
        resume: file,
      });
      await inOrder([
        () => readState(file),
        () => loadWeights(module, file, { strict: false }),
        () => trainer.fit(new Toy()),
      ]);
    };
  },
});

/**
 * Runs all functions, whatever they throw, and then throws the first error that is not meant for users, or else the
 * first error.
 */
async function inOrder(actions: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const action of actions)
    try {
      await action();
    } catch (error) {
      errors.push(error);
    }
  const untyped = errors.find((error) => !isConfigError(error));
  if (errors.length > 0) throw untyped ?? errors[0];
}
