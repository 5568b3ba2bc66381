import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { loadSessions, readSession, type Session, simulateSessions, writeSession } from "../../lib/data";
import type { ResponseValues } from "../../lib/data/session";
import { loadExperiment } from "../../lib/twin/experiment";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";

const dir = newFolder();
let session: Session;
const NAME = "luke_2031-03-01";
beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 1, frames: 2880, units: 4, size: 11 });
  session = await readSession(join(dir, `${NAME}.h5`));
  // Covariates that a lab's file may contain in addition to the standard ones.
  for (const recording of Object.values(session.recordings)) {
    const rows = <T>(of: (t: number) => T) => Array.from({ length: recording.frames }, (_, t) => of(t));
    recording.others = {
      pupil: { shape: [recording.frames], values: Float32Array.from(rows((t) => t % 7)), whole: false },
      picture: { shape: [recording.frames], values: Float32Array.from(rows((t) => t >> 2)), whole: true },
      missing_pct: {
        shape: [recording.frames, 4],
        values: Float32Array.from(rows((t) => [0, t % 3 === 0 ? 90 : 0, 100, 10]).flat()),
        whole: false,
      },
    };
  }
  session.coordinates = [[10], [20], [30], [40]];
  session.groups = [0, 1, 1, 0];
  await writeSession(join(dir, `${NAME}.h5`), session);
  writeFileSync(join(dir, "mine.yaml"), `file: ${dir}/${NAME}.h5\ncids: [4, 2]\n`);
});

const VELOCITY = [{ diff: { axis: 0 } }, { maxnorm: {} }, { symlog: {} }];
const BEHAVIOR = { expose_as: "behavior", concatenate: true };
function parent(changes: object = {}): string {
  const file = join(dir, "parent.yaml");
  writeFileSync(
    file,
    JSON.stringify({
      types: ["backimage", "gaborium"],
      sessions: ["mine"],
      keys_lags: { stim: [0, 1, 2, 3, 4], behavior: 0 },
      datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 5 } }] } },
      ...changes,
    }),
  );
  return file;
}
const complaint = (changes: object) => complaintOf(loadSessions(parent(changes)), dir);

test("reads and writes additional covariates, labels as integers", async () => {
  expect(await readSession(join(dir, `${NAME}.h5`))).toEqual(session);
});

test("transforms behaviour for each stimulus type separately", async () => {
  const [prepared] = await loadSessions(
    parent({
      transforms: {
        eye_vel: { source: "eyepos", ops: VELOCITY, ...BEHAVIOR },
        pupil: { source: "pupil", ops: [{ unsqueeze: -1 }, { mul: 0.5 }], ...BEHAVIOR },
      },
    }),
  );
  const { behavior, frames, parts } = prepared!;
  expect(behavior).toHaveLength(frames * 3);
  expect([0, 1, 2, 3].map((t) => behavior![3 * t + 2])).toEqual([0, 0.5, 1, 1.5]);
  for (const { first } of parts) expect([...behavior!.subarray(3 * first, 3 * first + 2)]).toEqual([0, 0]);
});

test("serves an exposed history of the chosen units beside the spikes that are predicted", async () => {
  const ops = [{ select_units: { indices: "cids" } }, { mul: 3 }];
  const transforms = { history: { source: "robs", ops, expose_as: "history" } };
  const [plain] = await loadSessions(parent());
  const [prepared] = await loadSessions(parent({ transforms }));
  expect(plain!.robs.some((count) => count > 0)).toBe(true);
  expect(prepared!.history).toEqual(Float32Array.from(plain!.robs, (count) => 3 * count));
  expect(prepared!.robs).toEqual(plain!.robs);
});

test("serves spikes, gaze and masks of one lag, with zeros before each recording", async () => {
  const stim = [0, 1, 2, 3, 4];
  const [plain] = await loadSessions(parent());
  const [late] = await loadSessions(parent({ keys_lags: { stim, robs: 2, eyepos: [1], dfs: 3 } }));
  const lags = [["robs", 2, 2], ["eyepos", 1, 2], ["dfs", 3, 1]] as const; // biome-ignore format: one table
  for (const [key, lag, columns] of lags)
    for (const { first, frames } of plain!.parts) {
      const part = (values: ResponseValues) => values.subarray(first * columns, (first + frames) * columns);
      const before = new Float32Array(lag * columns);
      const expected = [...before, ...part(plain![key]).subarray(0, -lag * columns)];
      expect([...part(late![key])], key).toEqual(expected);
    }
  // The history stays that of the frame itself, whatever the lag of the predicted spikes.
  expect(late!.history).toEqual(plain!.robs);
});

test("filters the frames of each unit separately, and keeps rows and metadata of the selected units", async () => {
  const [prepared] = await loadSessions(
    parent({ datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 5 } }, { missing_pct: {} }] } } }),
  );
  const { dfs, dfsColumns, train, coordinates, groups } = prepared!;
  expect(dfsColumns).toBe(2);
  const share = (unit: number) => train.filter((t) => dfs[2 * t + unit]! > 0).length / train.length;
  expect([share(0), share(1)]).toEqual([1, expect.closeTo(2 / 3, 1)]);
  expect([coordinates, groups]).toEqual([
    [[40], [20]],
    [0, 1],
  ]);
});

test("downsamples other covariates: averages numbers, and takes labels and images of the first frame", async () => {
  const [prepared] = await loadSessions(
    parent({
      sampling: { source_rate: 120, target_rate: 60 },
      transforms: {
        pupil: { source: "pupil", ops: [{ unsqueeze: 1 }], ...BEHAVIOR },
        picture: { source: "picture", ops: [{ unsqueeze: 1 }], ...BEHAVIOR },
      },
    }),
  );
  expect([...prepared!.behavior!.subarray(0, 8)]).toEqual([0.5, 0, 2.5, 0, 4.5, 1, 3, 1]);
});

test("trains a model that reads behaviour, positions and groups from a session file", async () => {
  const model = join(dir, "model.yaml");
  writeFileSync(
    model,
    JSON.stringify({
      convnet: {
        type: "cnn",
        params: { channels: [3], block_configs: [{ conv_params: { kernel_size: [3, 3, 3] } }] },
      },
      modulator: { type: "film", params: { behavior_dim: 2, encoder_params: { dims: [4] } } },
      readout: { type: "gaussian", params: { shared_features: true, mean_predictor: { hidden_dims: [3] } } },
    }),
  );
  const sessions = parent({ transforms: { eye_vel: { source: "eyepos", ops: VELOCITY, ...BEHAVIOR } } });
  const experiment = await loadExperiment({ model, sessions });
  const names = experiment.parameters.map(({ name }) => name);
  expect(names).toContain("readouts.shared.features.weight");
  expect(names).toContain("readouts.position.layers.0.weight");
  const rates = await experiment.predict(0, [5, 6, 7]);
  expect(rates).toHaveLength(6);
  expect(rates.every((rate) => rate > 0)).toBe(true);
  experiment.dispose();
});

test("reports all impossible transforms at once with their place in the configuration", async () => {
  expect(
    await complaint({
      transforms: {
        eye: {
          source: "eyepos",
          ops: [{ symlogg: {} }, { mul: "x" }, { diff: {}, mul: 2 }],
          expose_as: "behaviour",
        },
        stim: { source: "stim", ops: [{ pixelnorm: {} }, { smooth: { params: 1 } }] },
      },
    }),
  ).toBe(
    [
      "parent.yaml:",
      '  - transforms.eye.ops.0: "symlogg" is not one of: cast, dacones, diff, fftwhitening, maxnorm, mul, pixelnorm, select_units, smooth, splitrelu, symlog, temporal_basis, unsqueeze (did you mean "symlog"?)',
      '  - transforms.eye.ops.1.mul: must be a number, or {factor: number}; found "x"',
      "  - transforms.eye.ops.2: must be one op with its options; found diff, mul",
      '  - transforms.eye: no component reads its result: "behaviour" is not one of: behavior, eyepos, history, robs, stim (did you mean "behavior"?)',
      '  - transforms.stim.ops: "smooth" needs the movie in floating point, but it is kept as bytes; allowed: pixelnorm, unsqueeze; or choose another dset_dtype',
    ].join("\n"),
  );
  const behavior = (source: string, ops: object[]) => ({ transforms: { b: { source, ops, ...BEHAVIOR } } });
  expect(await complaint(behavior("pupill", []))).toBe(
    `${NAME}.h5: transforms.b.source: "pupill" is not one of: robs, eyepos, t_bins, trial_inds, dpi_valid, missing_pct, picture, pupil (did you mean "pupil"?)`,
  );
  expect(await complaint(behavior("pupil", []))).toBe(
    `${NAME}.h5: backimage: transforms: behavior: gives shape [1800], but [1800, variables] is served`,
  );
  expect(await complaint(behavior("eyepos", [{ splitrelu: { split_dim: 3 } }]))).toBe(
    `${NAME}.h5: transforms.b.ops.0.splitrelu: there is no axis 3; the covariate has 2`,
  );
  expect(await complaint(behavior("eyepos", [{ mul: 1e39 }]))).toMatch(
    /gives -?Infinity at frame \d+, column [01]; correct the file, or its transforms$/,
  );
  expect(await complaint({ keys_lags: { stim: 0, robs: [0, 2], history: [0, 1], behavior: -1 } })).toBe(
    [
      "parent.yaml:",
      "  - keys_lags.history.0: a spike history begins one bin before the predicted one: lags are 1 or more; found 0",
      "  - keys_lags.behavior: too small: expected number to be >=0; found -1",
    ].join("\n"),
  );
  expect(await complaint({ keys_lags: { stim: 0, robs: [0, 2] } })).toBe(
    "parent.yaml: keys_lags.robs: has 2 lags, but the loss reads one bin of each sample; give one lag",
  );
});
