import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { gradbookIn } from "./gradbook";

const dir = newFolder();
const write = (name: string, value: object) => writeFileSync(join(dir, name), JSON.stringify(value));
const check = (...flags: string[]) => gradbookIn(dir, "check", ...flags);
mkdirSync(join(dir, "sessions"));
const transforms = {
  eye_vel: {
    source: "eyepos",
    ops: [{ diff: { axis: 0 } }, { splitrelu: {} }],
    expose_as: "behavior",
    concatenate: true,
  },
  eye_pos: { source: "eyepos", ops: [], expose_as: "behavior", concatenate: true },
};
const parent = {
  types: ["backimage"],
  session_dir: "sessions",
  sessions: ["a_1", "a_2"],
  keys_lags: { stim: [0, 1, 2] },
  transforms,
};
const model = {
  adapter: { type: "adapter", params: { grid_size: 9 } },
  frontend: { type: "learnable_temporal", params: { kernel_size: 2, num_channels: 2 } },
  modulator: { type: "concat", params: { behavior_dim: 6, encoder_params: { dims: [3] } } },
  readout: { type: "gaussian", params: { n_units: 8 } },
};
write("sessions/a_1.yaml", { cids: [1, 2, 3] });
write("sessions/a_2.yaml", { cids: [0] });
write("parent.yaml", parent);
write("model.yaml", model);
const FILES = ["--model_config", "model.yaml", "--dataset_configs_path", "parent.yaml"];

test("accepts files that fit together, without their recordings", () => {
  const { status, stdout, stderr } = check(...FILES);
  expect(stderr).toBe(
    "model.yaml: readout.params.n_units: is 8, but 3, 1 are used: the units in the sessions' cids; leave it out\n",
  );
  expect(status).toBe(0);
  expect(stdout).toContain("2 sessions, 4 units, 6 variables of behavior, split: auto\nok\n");
  const found = JSON.parse(check(...FILES, "--json").stdout);
  expect(found).toMatchObject({ ok: true, problems: [], behaviors: 6, model: { type: "v1multi" } });
  expect(found.warnings).toEqual([
    { file: "model.yaml", path: "readout.params.n_units", message: expect.stringContaining("is 8") },
  ]);
  expect(found.sessions).toEqual([
    { session: "a_1", units: 3, split: "auto" },
    { session: "a_2", units: 1, split: "auto" },
  ]);
});

test("names the faults of all files at once, and exits with code 2", () => {
  write("wrong-parent.yaml", { ...parent, sessions: ["a_1", "a_3"], seeds: 1 });
  const blocks = [{ conv_params: { kernel_size: [1, 11, 11] } }];
  write("wrong-model.yaml", {
    ...model,
    convnet: { type: "cnn", params: { channels: [2], block_configs: blocks } },
  });
  const { status, stderr } = check(
    "--model_config",
    "wrong-model.yaml",
    "--dataset_configs_path",
    "wrong-parent.yaml",
  );
  expect(status).toBe(2);
  const lines = stderr.trim().split("\n");
  expect(lines[0]).toBe("gradbook check:");
  expect(lines[1]).toMatch(
    /^ {2}- wrong-parent.yaml: unknown key "seeds" is not one of: .*did you mean "seed"/,
  );
  expect(lines[2]).toMatch(/^ {2}- wrong-parent.yaml: sessions: a_3: its file .*a_3.yaml is missing; check/);
  expect(lines[3]).toMatch(
    /^ {2}- wrong-model.yaml: convnet.params.block_configs.0.conv_params.kernel_size: spans 11 rows/,
  );
  expect(lines.length).toBe(4);
  const json = check("--model_config", "wrong-model.yaml", "--json");
  expect(json.status).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ file: "wrong-model.yaml" }] });
});

test("says that a modulator reads more behaviour than the sessions serve", () => {
  write("other.yaml", { ...model, modulator: { type: "film", params: { behavior_dim: 42 } } });
  const { status, stderr } = check("--model_config", "other.yaml", "--dataset_configs_path", "parent.yaml");
  expect(stderr).toContain("other.yaml: modulator.params.behavior_dim: is 42, but behaviors is 6");
  expect(status).toBe(2);
});

test("needs a model or sessions", () => {
  const { status, stderr } = check();
  expect([status, stderr]).toEqual([
    2,
    "gradbook check: give --model_config, --dataset_configs_path, or both\n",
  ]);
});
