import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { tf } from "../../lib/engine";
import {
  arraysOf,
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
} from "../../lib/trainer/checkpoint/checkpoint";
import { NOTHING_GOES_ON } from "../../lib/trainer/checkpoint/state";
import { Progress } from "../../lib/trainer/progress";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

const dir = newFolder();
const file = join(dir, "ours.safetensors");
const changed = join(dir, "changed.safetensors");
const variables = new Map<string, tf.Variable>([
  ["core.weight", tf.variable(tf.tensor2d([[1, 2, 3]]))],
  ["head.bias", tf.variable(tf.scalar(4))],
]);
const state = { format: 1, epoch: 1, step: 7, seed: 0, ...NOTHING_GOES_ON, metrics: {}, config: {} } as const;

/** Returns the checkpoint as Python rewrites it after a change. */
const rewrite = (change: string) =>
  runPython(
    `
import json, sys, numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file
with safe_open(sys.argv[1], framework="np") as f:
    arrays, meta = {name: f.get_tensor(name) for name in f.keys()}, f.metadata()
${change}
save_file(arrays, sys.argv[2], metadata=meta)
`,
    [file, changed],
  );
const values = () => [...variables.values()].flatMap((variable) => [...variable.dataSync()]);
const complaint = () => {
  try {
    loadCheckpoint(changed, variables);
  } catch (error) {
    return (error as Error).message.replace(`${changed}: `, "");
  }
  return undefined;
};

saveCheckpoint(file, arraysOf(variables), state);
afterEach(() => expect(values()).toEqual([1, 2, 3, 4]));

test("reads a checkpoint that Python wrote again, and ignores what Python added beside the weights", async () => {
  await rewrite('arrays["extra"] = np.zeros((2, 0), np.float32)');
  expect(loadCheckpoint(changed, variables)).toEqual(state);
});

test.each([
  ['del arrays["head.bias"]', "head.bias: is missing in the checkpoint"],
  [
    'arrays["core.weight"] = arrays["core.weight"].T.copy()',
    "core.weight: has shape [3,1] in the checkpoint, but [1,3] in the model",
  ],
  [
    'arrays["core.weight"] = arrays["core.weight"].astype(np.float64)',
    "core.weight: is F64; only F32 is supported: save it as float32",
  ],
  [
    'arrays["head.bias"] = arrays["head.bias"].astype(np.float16)',
    "head.bias: is F16; only F32 is supported: save it as float32",
  ],
  [
    'arrays["core.weight"][0, 1] = np.inf',
    "core.weight: holds Infinity at 1: the training that wrote it had diverged; take an earlier checkpoint",
  ],
  ["meta = None", "is not a checkpoint of gradbook"],
  [
    'meta["gradbook"] = json.dumps({**json.loads(meta["gradbook"]), "metrics": {"val_loss": float("nan")}})',
    /^__metadata__\.gradbook: is not JSON \(.*NaN.*\), which has no NaN and no Infinity: write null$/,
  ],
])("names what a change by Python broke: %s", async (change, message) => {
  await rewrite(change);
  expect(complaint()).toMatch(message);
});

test("reads non-finite metrics, which JSON cannot hold, as NaN", () => {
  const before = new Progress();
  before.metrics = { val_loss: Number.NaN, "val_bps/ada": Number.NEGATIVE_INFINITY, val_mae: 2 };
  before.endEpoch(before.metrics);
  saveCheckpoint(changed, arraysOf(variables), { ...state, ...before.state() });
  const after = new Progress();
  after.restore(readCheckpoint(changed).state);
  const metrics = { val_loss: Number.NaN, "val_bps/ada": Number.NaN, val_mae: 2 };
  expect(after.metrics).toEqual(metrics);
  expect(after.history).toEqual([{ epoch: 0, step: 0, train_loss: Number.NaN, ...metrics }]);
});

test("names a truncated tensor, and a path that is not a file", async () => {
  const cut = 'open(sys.argv[2], "wb").write(open(sys.argv[1], "rb").read()[:-2])';
  await runPython(`import sys\n${cut}`, [file, changed]);
  const damaged = "damaged or not a checkpoint: use another one of the same run's checkpoints folder";
  expect(complaint()).toBe(`head.bias: ${damaged}`);
  for (const header of [
    "null",
    '{"a": null}',
    '{"a": {"dtype": "F32", "shape": 4, "data_offsets": [0, 4]}}',
  ]) {
    const write = `h = sys.argv[2].encode()\nopen(sys.argv[1], "wb").write(len(h).to_bytes(8, "little") + h)`;
    await runPython(`import sys\n${write}`, [changed, header]);
    expect(complaint()).toBe(damaged);
  }
  expect(() => readCheckpoint(dir)).toThrow(`${dir}: cannot be read (EISDIR)`);
});
