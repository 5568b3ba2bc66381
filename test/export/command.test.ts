import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ConfigError } from "../../lib/base/config";
import { readTorch } from "../../lib/base/torch/read-torch";
import { exportCommand } from "../../lib/cli/export";
import { EXPORTERS } from "../../lib/export/exporters";
import { ACTIVATIONS, chosen } from "../../lib/export/torch/activations";
import { ADAPTERS } from "../../lib/export/torch/adapters";
import { CONVNETS } from "../../lib/export/torch/convnets";
import { FRONTENDS } from "../../lib/export/torch/frontends";
import { HISTORIES, SHIFTERS } from "../../lib/export/torch/heads";
import { MODULATORS } from "../../lib/export/torch/modulators";
import { NORMS } from "../../lib/export/torch/norms";
import { POOLS } from "../../lib/export/torch/pools";
import { READOUTS } from "../../lib/export/torch/readouts";
import { RECURRENTS } from "../../lib/export/torch/recurrents";
import { definitionsIn } from "../../lib/export/torch/source";
import { TYPED } from "../../lib/model/config";
import { activations } from "../../lib/nn/activation";
import { norms } from "../../lib/nn/norm";
import { pools } from "../../lib/nn/pool";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";
import { checkpointOf } from "./models";

const dir = newFolder();
const run = (...args: string[]) => exportCommand().parseAsync(args, { from: "user" });

test("writes the twin of a checkpoint for PyTorch", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const [checkpoint, out] = [join(dir, "small.safetensors"), join(dir, "small")] as const;
  checkpointOf(checkpoint, { baseline: { enabled: true } });
  await run(checkpoint, "--to", "torch", "--out", out);
  const files = ["model.py", "model.safetensors", "sessions.json"].map((file) => join(out, file));
  expect(log.mock.calls).toEqual([[`the twin of ${checkpoint} was written to ${files.join(", ")}`]]);
  expect(JSON.parse(readFileSync(files[2]!, "utf8"))).toEqual({
    "session 0": [0, 1, 2, 3],
    "session 1": [10, 11, 12],
  });
  const { tensors } = readSafetensors(files[1]!);
  expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toMatchObject({
    "readouts.0.features": [4, 1],
    "readouts.1.mean": [3, 2],
    "baselines.1": [3],
  });
});

test("writes a checkpoint of PyTorch Lightning without --to", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const [checkpoint, out] = [join(dir, "first.safetensors"), join(dir, "first.ckpt")] as const;
  checkpointOf(checkpoint, { readout: { type: "linear" } });
  await run(checkpoint, "--out", out);
  expect(log.mock.lastCall).toEqual(["optimizer: no state was written (the checkpoint has none)"]);
  expect(warn.mock.lastCall).toEqual([
    "lag_order is oldest_first: kernels are reversed in time, and the package shows the newest frame first, so its rates differ",
  ]);
  const weights = (readTorch(out) as ReadonlyMap<string, unknown>).get("state_dict");
  expect([...(weights as ReadonlyMap<string, unknown>).keys()]).toContain("model.readouts.1.fc.weight");
});

test("refuses a component of the user's own, which has no counterpart in Python", () => {
  const at = { where: "first", path: "convnet.type" };
  expect(() => chosen(CONVNETS, "./my_core.ts#MyCore", at)).toThrow(
    new ConfigError("first", [
      {
        path: "convnet.type",
        message:
          '"./my_core.ts#MyCore" is a component of your own in TypeScript, which has no counterpart in Python; export its graph with --to onnx or --to saved-model',
      },
    ]),
  );
});

test("refuses an option that the format does not read", async () => {
  const options = ["--to", "torch", "--dataset_configs_path", "sessions.yaml"];
  expect(await complaintOf(run("first", ...options), dir)).toBe(
    "gradbook export: --dataset_configs_path: is read only with --to lightning, but --to is torch; leave it out",
  );
});

const sorted = (table: object) => Object.keys(table).sort();

test("every type of a component has a description for PyTorch", () => {
  const { adapter, frontend, convnet, modulator, recurrent, readout, shifter, history_encoder } = TYPED;
  const pairs: [object, object][] = [
    [ADAPTERS, adapter],
    [FRONTENDS, frontend],
    [CONVNETS, convnet],
    [MODULATORS, modulator],
    [RECURRENTS, recurrent],
    [READOUTS, readout],
    [SHIFTERS, shifter],
    [HISTORIES, history_encoder],
    [ACTIVATIONS, activations],
    [NORMS, norms],
    [POOLS, pools],
  ];
  for (const [described, types] of pairs) expect(sorted(described)).toEqual(sorted(types));
});

test("no two Python files define the same name", () => {
  const folder = "lib/export/torch/modules";
  const names = readdirSync(folder).flatMap((file) =>
    definitionsIn(readFileSync(join(folder, file), "utf8")).map(({ name }) => name),
  );
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  expect(names).toContain("load");
});

test("the command's help describes every format", () => {
  const { options } = exportCommand();
  const to = options.find(({ long }) => long === "--to")!;
  expect(to.argChoices).toEqual(Object.keys(EXPORTERS));
  let help = "";
  exportCommand()
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
    })
    .outputHelp();
  for (const [name, { description, out }] of Object.entries(EXPORTERS)) {
    expect(help).toContain(` ${name} `);
    expect(help).toContain(`${description} (default --out: ${out})`);
  }
});
