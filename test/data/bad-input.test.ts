import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dump } from "js-yaml";
import { beforeAll, expect, test, vi } from "vitest";
import { ConfigError } from "../../lib/base/config";
import { loadSessions, readSession, type Session, simulateSessions, writeSession } from "../../lib/data";
import { readDatasetConfig } from "../../lib/data/dataset-config";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

const dir = newFolder();
let session: Session;
const NAME = "luke_2031-03-01";
beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 1, frames: 2880, units: 3, size: 11 });
  session = await readSession(join(dir, `${NAME}.h5`), ["gaborium"]);
});

const PARENT = {
  types: ["gaborium"],
  sessions: ["bad"],
  keys_lags: { stim: [0, 1, 2] },
  datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 3 } }] } },
};

/** Returns the error of loading a session's file after a change to it. */
async function complaint(change: (recording: Session["recordings"][string]) => object, parent: object = {}) {
  const gaborium = session.recordings.gaborium!;
  const changed = { ...gaborium, robs: Float32Array.from(gaborium.robs), eyepos: gaborium.eyepos.slice(), tBins: gaborium.tBins.slice(), dpiValid: gaborium.dpiValid.slice() }; // biome-ignore format: one copy
  await writeSession(join(dir, "bad.h5"), {
    ...session,
    recordings: { gaborium: { ...changed, ...change(changed) } },
  });
  writeFileSync(join(dir, "bad.yaml"), `cids: [${session.cids}]`);
  writeFileSync(join(dir, "parent.yaml"), JSON.stringify({ ...PARENT, ...parent }));
  return said(loadSessions(join(dir, "parent.yaml")));
}
const said = (promise: Promise<unknown>) => complaintOf(promise, dir);

test("rejects impossible numbers and lists covariate, frame, column and count of all of them at once", async () => {
  expect(
    await complaint((recording) => {
      recording.robs.fill(-1, 3 * 7 + 1, 3 * 7 + 3);
      recording.dpiValid.fill(1, 5, 6);
      recording.eyepos[11] = Number.NaN;
      recording.tBins[4] = -2;
      return {};
    }),
  ).toBe(
    [
      "bad.h5:",
      "  - gaborium/robs: is -1 at frame 7, column 1, and 1 more like it; spike counts must be finite and 0 or more; for other responses state `responses: calcium or zscores`, or --kind of convert",
      "  - gaborium/eyepos: is NaN at frame 5, column 1; correct it, or set dpi_valid to 0 there",
      "  - gaborium/t_bins: is -2 at frame 4; times must be finite and must not decrease",
    ].join("\n"),
  );
});

test("accepts any value for lost gaze", async () => {
  expect(
    await complaint((recording) => {
      recording.dpiValid.fill(0, 5, 8);
      recording.eyepos.fill(Number.NaN, 10, 16);
      return {};
    }),
  ).toBe("nothing was thrown");
});

test("replaces lost gaze by the last known value, so that transforms carry no jump into valid frames", async () => {
  const { eyepos } = session.recordings.gaborium!;
  await complaint((recording) => {
    recording.dpiValid.fill(0, 0, 8);
    recording.eyepos.fill(Number.NaN, 0, 4);
    recording.eyepos.fill(Number.NaN, 10, 16);
    return {};
  });
  const read = await readSession(join(dir, "bad.h5"));
  const known = [2, 2, 2, 3, 4, 4, 4, 4, 8].flatMap((t) => [eyepos[2 * t], eyepos[2 * t + 1]]);
  expect([...read.recordings.gaborium!.eyepos.subarray(0, 18)]).toEqual(known);
});

test("rejects other covariates that are not finite, with file, covariate, frame and column", async () => {
  const holes = ({ frames }: { frames: number }) => {
    const pupil = new Float32Array(frames).fill(3);
    const missing = new Float32Array(3 * frames);
    pupil.fill(Number.NaN, 12, 14);
    missing[3 * 5 + 2] = Number.POSITIVE_INFINITY;
    return {
      others: {
        pupil: { shape: [frames], values: pupil, whole: false },
        missing_pct: { shape: [frames, 3], values: missing, whole: false },
      },
    };
  };
  const reads = {
    sampling: { source_rate: 120, target_rate: 60 },
    transforms: { behavior: { source: "pupil", ops: [{ maxnorm: {} }, { unsqueeze: -1 }] } },
    datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 3 } }, { missing_pct: {} }] } },
  };
  const must = "the configuration reads it: correct the file, or remove it from the configuration";
  expect(await complaint(holes, reads)).toBe(
    [
      "bad.h5:",
      `  - gaborium/pupil: is NaN at frame 12, and 1 more like it; ${must}`,
      `  - gaborium/missing_pct: is Infinity at frame 5, column 2; ${must}`,
    ].join("\n"),
  );
  expect(await complaint(holes)).toBe("nothing was thrown");
});

test("rejects a session without remaining samples, and warns once about a unit without spikes", async () => {
  expect(
    await complaint(() => ({}), { datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 5000 } }] } } }),
  ).toBe("bad.h5: datafilters: leave no valid frame; is `n_lags` longer than a trial?");
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const silent = session.recordings.gaborium!.robs.map((n, i) => (i % 3 === 1 ? 0 : n));
  expect(await complaint(() => ({ robs: silent }))).toBe("nothing was thrown");
  const warnings = warn.mock.calls.map(([text]) => String(text).replaceAll(`${dir}/`, ""));
  warn.mockRestore();
  expect(warnings).toEqual([
    "bad.h5: robs: 1 of 3 units have no spike on the training frames: 2. They are kept; remove them from `cids` to exclude them.",
  ]);
});

test("rejects h5py files with wrong units, types or lengths, by covariate", async () => {
  const write = (lines: string) =>
    runPython(
      `import h5py, numpy as np, sys
with h5py.File(sys.argv[1], "w") as f:
    f.attrs.update(name="x", sampling_rate=120.0, pixels_per_degree=12.0)
    f["cids"] = [1, 2]
    g = f.create_group("gaborium")
    g["stim"] = np.zeros((6, 3, 3), np.uint8)
    g["robs"] = np.zeros((6, 2)); g["eyepos"] = np.zeros((6, 2)); g["t_bins"] = np.arange(6)
    g["trial_inds"] = np.arange(6); g["dpi_valid"] = np.ones(6)
    ${lines}`,
      [join(dir, "h5py.h5")],
    ).then(() => said(readSession(join(dir, "h5py.h5"))));
  const replaced = (name: string, value: string) => write(`del f["${name}"]; f["${name}"] = ${value}`);
  expect(await write("pass")).toBe("nothing was thrown");
  expect(await replaced("cids", "[4, 4]")).toBe(
    "h5py.h5: cids: has 4 at 0 and again at 1; each unit needs a unique id",
  );
  expect(await replaced("gaborium/stim", "np.zeros((6, 3, 3), np.int16)")).toBe(
    "h5py.h5: gaborium/stim: must be uint8 or floating point, [frames, height, width] or [frames, height, width, channels], but has shape [6,3,3] and type int16",
  );
  expect(await replaced("gaborium/stim", "np.zeros((0, 3, 3), np.uint8)")).toBe(
    "h5py.h5: gaborium/stim: is empty: it has shape [0,3,3]",
  );
  expect(await replaced("gaborium/dpi_valid", "np.ones(5)")).toBe(
    "h5py.h5: gaborium/dpi_valid: has shape [5], but stim has 6 frames, so it must be [6]",
  );
  expect(await replaced("gaborium/eyepos", "'left'")).toBe(
    "h5py.h5: gaborium/eyepos: is missing or not numeric; docs/session-format.md lists what a session file holds",
  );
  expect(await write('del f["gaborium"]')).toBe(
    "h5py.h5: types: has no stimulus type: a group with stim, robs and the other covariates",
  );
  expect(await replaced("gaborium/trial_inds", "[0, 0, 0, np.nan, 0.5, 2**33]")).toBe(
    "h5py.h5: gaborium/trial_inds: is NaN at frame 3, and 2 more like it; a trial number must be a 32-bit integer; renumber the trials",
  );
  expect(await replaced("gaborium/eyepos", "np.zeros((6, 2), np.float16)")).toBe("nothing was thrown");
  expect(await write('f.attrs["sampling_rate"] = "fast"')).toBe(
    "h5py.h5: sampling_rate: this attribute of the file must be a number over 0; found fast",
  );
  expect(await write('del f.attrs["name"]')).toBe(
    "h5py.h5: name: this attribute of the file is missing; see docs/session-format.md",
  );
});

test("reads any damaged session file as a session or ends in a ConfigError", async () => {
  const whole = readFileSync(join(dir, `${NAME}.h5`));
  const file = join(dir, "fuzzed.h5");
  // The structure of the file is described at its beginning and end.
  const place = fc.oneof(
    fc.nat(4000),
    fc.nat(whole.length - 1),
    fc.nat(8000).map((n) => whole.length - 1 - n),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 30 }),
      async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        writeFileSync(file, bytes);
        await readSession(file).catch((error: unknown) => expect(error).toBeInstanceOf(ConfigError));
      },
    ),
    { numRuns: 60 },
  );
});

test("reads any configuration as sessions or ends in a ConfigError", () => {
  const file = join(dir, "fuzzed.yaml");
  const read = (text: string) => {
    writeFileSync(file, text);
    try {
      readDatasetConfig(file);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
    }
  };
  const keys = fc.constantFrom("types", "sessions", "session_dir", "sampling", "keys_lags", "transforms", "datafilters", "train_val_split", "seed", "ops", "dfs", "source", "stim", "__proto__"); // biome-ignore format: a list
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom("gaborium", NAME, "stim", null, 0, -1, 0.5, true, "pixelnorm"),
      fc.string(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(keys, value), (changes) =>
      read(dump({ ...PARENT, sessions: [NAME], ...changes })),
    ),
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), read));
});
