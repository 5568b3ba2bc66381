import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError } from "../../lib/base/config";
import type { Note } from "../../lib/base/config/notes";
import { readDatasetConfig } from "../../lib/data/dataset-config";
import { splitTrialsAsTorch } from "../../lib/data/split-trials";
import { newFolder } from "../new-folder";

const dir = newFolder();
mkdirSync(join(dir, "sessions"));
const PARENT = {
  types: ["backimage"],
  session_dir: "sessions",
  sessions: ["ada_1"],
  keys_lags: { stim: [0, 1, 2, 3], robs: 0, behavior: 0, dfs: 0 },
  transforms: {
    eye: { source: "eyepos", ops: [{ splitrelu: { trainable_gain: false } }], expose_as: "behavior" },
  },
  datafilters: {
    dfs: { ops: [{ valid_nlags: { n_lags: 3 } }, { missing_pct: { theshold: 45 } }], expose_as: "dfs" },
  },
};

function read(parent: object = {}, session: object = {}, names = ["ada_1"]) {
  for (const name of names)
    writeFileSync(join(dir, "sessions", `${name}.yaml`), JSON.stringify({ cids: [1, 2], ...session }));
  const file = join(dir, "parent.yaml");
  writeFileSync(file, JSON.stringify({ ...PARENT, sessions: names, ...parent }));
  const notes: Note[] = [];
  const configs = readDatasetConfig(file, "uint8", (note) => notes.push(note));
  const texts = notes.map(({ where, path, message }) =>
    `${where}: ${path}: ${message}`.replaceAll(`${dir}/`, ""),
  );
  return { config: configs[0]!, configs, notes: texts };
}

const complaint = (run: () => unknown) => {
  try {
    run();
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(`${dir}/`, "");
  }
};

test("names each key without effect once, and reads theshold as threshold", () => {
  const { config, notes } = read({}, { snr: 5 }, ["ada_1", "ada_2", "ada_3"]);
  expect(notes).toEqual([
    "parent.yaml: transforms.eye.ops.0.splitrelu.trainable_gain: has no effect in the PyTorch package, and none here; leave it out",
    "parent.yaml: datafilters.dfs.ops.1.missing_pct.theshold: is read as threshold; the PyTorch package ignores this spelling and uses 45",
    "sessions/ada_1.yaml: snr: has no effect in the PyTorch package, and none here; leave it out (the same in 2 other files)",
  ]);
  expect(config.datafilters.dfs!.ops[1]).toEqual({ missing_pct: { threshold: 45 } });
});

test("rejects unknown keys", () => {
  expect(complaint(() => read({}, { visul: [1] }))).toMatch(
    /^sessions\/ada_1.yaml: unknown key "visul" is not one of: .* \(did you mean "visual"\?\)$/,
  );
  const datafilters = { dfs: { ops: [{ missing_pct: { treshold: 45 } }] } };
  expect(complaint(() => read({ datafilters }))).toBe(
    'parent.yaml: datafilters.dfs.ops.0.missing_pct: unknown key "treshold" is not one of: threshold (did you mean "threshold"?)',
  );
});

test("accepts what session files of the package say about a session", () => {
  const about = {
    visual: [1],
    qcmissing: [2],
    qccontam: [1],
    lab: "rowley",
    eye: "left",
    directory: "/data",
  };
  expect(read({}, about).config).toMatchObject(about);
});

test("keeps the units that are in every list of unit_filters, in the order of cids", () => {
  const lists = { cids: [9, 4, 2, 7], visual: [2, 4, 7, 9], qcmissing: [1, 2, 4, 9], qccontam: [9, 2, 3] };
  const units = (unit_filters?: string[]) => read(unit_filters ? { unit_filters } : {}, lists).config.cids;
  expect(units()).toEqual([9, 4, 2, 7]);
  expect(units([])).toEqual([9, 4, 2, 7]);
  expect(units(["visual"])).toEqual([9, 4, 2, 7]);
  expect(units(["qcmissing"])).toEqual([9, 4, 2]);
  expect(units(["qcmissing", "qccontam"])).toEqual([9, 2]);
});

test("refuses unit_filters that a session cannot meet, for all sessions at once", () => {
  const names = ["ada_1", "ada_2"];
  const none = "none of the session's 2 units (cids) is in all of qcmissing, qccontam";
  const both = { unit_filters: ["qcmissing", "qccontam"] };
  expect(complaint(() => read(both, { qcmissing: [1], qccontam: [2] }, names))).toBe(
    [
      "parent.yaml:",
      ...names.map(
        (name) => `  - sessions/${name}.yaml: unit_filters: ${none}; remove a list, or remove the session`,
      ),
    ].join("\n"),
  );
  expect(complaint(() => read(both, { qcmissing: [1] }))).toBe(
    "sessions/ada_1.yaml: unit_filters: names qccontam, which the session does not list; add `qccontam: [...]`, the units that pass, or remove it from unit_filters",
  );
  expect(complaint(() => read({ unit_filters: ["qcmising"] }))).toBe(
    'parent.yaml: unit_filters.0: "qcmising" is not one of: visual, qcmissing, qccontam (did you mean "qcmissing"?)',
  );
});

test("takes the split and the seed of the package for its files, and its own for others", () => {
  expect(read().config).toMatchObject({ split: "torch", seed: 1002 });
  expect(read({ split: "gradbook" }).config).toMatchObject({ split: "gradbook", seed: 0 });
  const own = { datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 3 } }] } }, transforms: {} };
  expect(read(own).config).toMatchObject({ split: "auto", seed: 0 });
  expect(read(own, { visual: [1] }).config).toMatchObject({ split: "torch", seed: 1002 });
  expect(read({ ...own, split: "torch", seed: 3 }).config).toMatchObject({ split: "torch", seed: 3 });
});

test("counts frames after the longest lag when files of the package have no data filters", () => {
  const filters = (parent: object, session: object = {}) =>
    read({ transforms: {}, datafilters: {}, ...parent }, session).config.datafilters;
  const valid = (n_lags: number) => ({ dfs: { ops: [{ valid_nlags: { n_lags } }] } });
  expect(filters({}, { lab: "yates" })).toMatchObject(valid(3));
  expect(filters({ n_lags: 7 })).toMatchObject(valid(7));
  expect(filters({})).toEqual({});
  expect(read({ n_lags: 7 }).notes).toContain(
    "sessions/ada_1.yaml: n_lags: has no effect, because datafilters are given",
  );
});

test("takes the lags of a transform for its result", () => {
  const transforms = { eye: { source: "eyepos", ops: [], expose_as: "behavior", keys_lags: [0, 1] } };
  const { config, notes } = read({ transforms, keys_lags: { stim: 0, pupil: 2 } });
  expect(config.keys_lags).toEqual({ stim: 0, pupil: 2, behavior: [0, 1] });
  expect(config.transforms.eye).not.toHaveProperty("keys_lags");
  expect(notes).toContain(
    "sessions/ada_1.yaml: keys_lags.pupil: has no effect: a model reads behavior, dfs, eyepos, history, robs, stim",
  );
});

test("names the problems of the parent and of all sessions at once", () => {
  expect(complaint(() => read({ seed: -1 }, { cids: [1, 1], readout: { type: "gausian" } }))).toBe(
    [
      "parent.yaml:",
      "  - seed: too small: expected number to be >=0; found -1",
      "  - sessions/ada_1.yaml: cids: lists a unit twice: 1",
      '  - sessions/ada_1.yaml: readout.type: "gausian" is not one of: gaussian, gaussian2d, factorized, linear (did you mean "gaussian"?)',
    ].join("\n"),
  );
});

test("divides int(n * share) trials in the order of torch.randperm", () => {
  const trials = Int32Array.from({ length: 40 }, (_, t) => 10 + Math.floor(t / 4));
  const valid = Int32Array.from({ length: 20 }, (_, i) => 2 * i);
  // torch.manual_seed(1002); torch.randperm(10) begins with 7, 5, 1, 0.
  const { train, validation } = splitTrialsAsTorch(trials, valid, { share: 0.49, seed: 1002 });
  expect([...new Set(Array.from(train, (t) => trials[t]!))]).toEqual([10, 11, 15, 17]);
  expect(train.length + validation.length).toBe(20);
});

test("names the keys of a session's file as it has them, before they are resolved", () => {
  const file = "sessions/ada_1.yaml";
  expect(complaint(() => read({}, { n_lags: "many" }))).toBe(
    `${file}: n_lags: invalid input: expected number, received string; found "many"`,
  );
  const eye = { source: "eyepos", expose_as: "behavior" };
  expect(complaint(() => read({}, { transforms: { eye: { ...eye, keys_lags: "some" } } }))).toBe(
    `${file}: transforms.eye.keys_lags: must be a lag in frames (0 or more), a list of lags, or null; found "some"`,
  );
  expect(complaint(() => read({}, { transforms: { eye: { ...eye, keys_lags: 1 } }, keys_lags: 5 }))).toBe(
    `${file}: keys_lags: invalid input: expected object, received number; found 5`,
  );
});
