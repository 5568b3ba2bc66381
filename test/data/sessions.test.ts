import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize } from "node:v8";
import { beforeAll, expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import {
  loadSessions,
  readSession,
  readTruth,
  sessionSummary,
  simulateSessions,
  trueRates,
  writeSession,
} from "../../lib/data";
import { writeHdf5 } from "../../lib/data/hdf5";
import { readTruthFile } from "../../lib/data/session";
import { deadLeavesImage, pinkImage } from "../../lib/data/simulate/stimulus";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";

const dir = newFolder();
const NAME = "luke_2031-03-01";
beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 2, frames: 5040, units: 6, size: 15 });
});

const PARENT = {
  types: ["backimage", "gaborium"],
  sessions: [NAME, "allen_2031-03-01"],
  keys_lags: { stim: [0, 1, 2, 3, 4] },
  datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 5 } }] } },
};
function parent(changes: object = {}): string {
  const file = join(dir, "parent.yaml");
  writeFileSync(file, JSON.stringify({ ...PARENT, ...changes }));
  return file;
}
/** Returns the displayed text without the folder. */
const complaint = (promise: Promise<unknown>) => complaintOf(promise, dir);

test("trains on the units that pass unit_filters, and states the filters in the summary", async () => {
  const [all] = await loadSessions(parent({ sessions: [NAME] }));
  const kept = [all!.cids[4]!, all!.cids[1]!];
  const file = parent({ sessions: [NAME], qccontam: kept, unit_filters: ["qccontam"] });
  const [session] = await loadSessions(file);
  expect(session!.cids).toEqual([all!.cids[1], all!.cids[4]]);
  expect(session!.robs.slice(0, 2)).toEqual(all!.robs.filter((_, i) => i === 1 || i === 4));
  expect(sessionSummary([session!])).toMatchObject([{ units: 2, "unit filters": "qccontam" }]);
  expect(sessionSummary([all!])[0]).not.toHaveProperty("unit filters");
});

test("simulates the same sessions bit for bit for the same seed, and different ones for another", async () => {
  const again = join(dir, "again");
  const content = async (folder: string) => ({
    session: await readSession(join(folder, `${NAME}.h5`)),
    truth: await readTruthFile(join(folder, `${NAME}.truth.h5`)),
    yaml: readFileSync(join(folder, `${NAME}.yaml`), "utf8"),
  });
  const first = await content(dir);
  await simulateSessions({ outDir: again, sessions: 1, frames: 5040, units: 6, size: 15 });
  // Compared by hash: a difference would be printed number by number.
  const hash = (value: unknown) => createHash("sha256").update(serialize(value)).digest("hex");
  expect(hash(await content(again))).toBe(hash(first));
  await simulateSessions({
    outDir: again,
    sessions: 1,
    frames: 5040,
    units: 6,
    size: 15,
    seed: 2,
    force: true,
  });
  expect(hash((await content(again)).session)).not.toBe(hash(first.session));
  rmSync(again, { recursive: true });
});

test("a prepared session has a full past for valid frames, and ground truth aligned with the spikes", async () => {
  const [session] = await loadSessions(parent());
  const { frames, trialInds, train, validation, lags, cids, robs, parts } = session!;
  expect(frames).toBe(5040);
  expect(lags).toEqual([4, 3, 2, 1, 0]);
  expect(parts.map(({ type, first }) => [type, first])).toEqual([["backimage", 0], ["gaborium", 2880]]); // biome-ignore format: pairs
  for (const t of [...train, ...validation]) expect(trialInds[t - 5]).toBe(trialInds[t]);
  const rates = (await trueRates(session!))!;
  // Counts are Poisson: their sum differs from the sum of the rates by a few standard deviations at most.
  cids.forEach((_, u) => {
    const sum = (values: Iterable<number>) =>
      [...values].reduce((total, value, i) => (i % cids.length === u ? total + value : total), 0);
    const expected = sum(rates);
    expect(Math.abs(sum(robs) - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
  expect((await readTruth(session!)).map(({ cid }) => cid)).toEqual(cids);
});

test("selects units, overrides settings and joins frames into bins", async () => {
  writeFileSync(join(dir, "mine.yaml"), `file: ${dir}/${NAME}.h5\ncids: [5, 2]\ntypes: [gaborium]\n`);
  const [whole] = await loadSessions(parent({ sessions: [NAME], types: ["gaborium"] }));
  const [mine] = await loadSessions(
    parent({
      sessions: ["mine"],
      sampling: { source_rate: 120, target_rate: 60 },
      keys_lags: { stim: [0, 1] },
    }),
  );
  expect([mine!.name, mine!.frames, mine!.samplingRate, mine!.cids]).toEqual(["mine", 1080, 60, [5, 2]]);
  const [first, second] = [whole!.robs[4]!, whole!.robs[6 + 4]!];
  expect(mine!.robs[0]).toBe(first + second);
});

test("reports errors of a configuration with file, key and allowed values", async () => {
  expect(await complaint(loadSessions(join(dir, "none.yaml")))).toBe(
    "none.yaml: no such file; check the path",
  );
  expect(await complaint(loadSessions(parent({ sessions: [] })))).toBe(
    "parent.yaml: sessions: names no session; list at least one; found []",
  );
  expect(await complaint(loadSessions(parent({ sessions: [NAME, NAME] })))).toBe(
    `parent.yaml: sessions: lists a session twice: ${NAME}; a unit is trained once; found ["${NAME}","${NAME}"]`,
  );
  expect(await complaint(loadSessions(parent({ sampling: { source_rate: 100, target_rate: 50 } })))).toBe(
    `${NAME}.h5: sampling.source_rate: is 100, but the file says 120 frames per second; they may differ by 0.1 %`,
  );
  expect(await complaint(loadSessions(parent({ sesions: ["a"] })))).toMatch(
    /^parent.yaml: unknown key "sesions" is not one of: .*sessions.*\(did you mean "sessions"\?\)$/,
  );
  expect(await complaint(loadSessions(parent({ sessions: ["ada"] })))).toBe(
    "parent.yaml: sessions: ada: its file ada.yaml is missing; check `session_dir` and `sessions`, or run `gradbook simulate` to make the demo sessions",
  );
  expect(await complaint(loadSessions(parent({ types: ["gratings"] })))).toBe(
    `${NAME}.h5: types: has no stimulus type gratings; it has backimage, gaborium`,
  );
  expect(await complaint(loadSessions(parent({ datafilters: { dfs: { ops: [{ valid_lags: {} }] } } })))).toBe(
    `parent.yaml: datafilters.dfs.ops.0: "valid_lags" is not one of: missing_pct, valid_nlags (did you mean "valid_nlags"?)`,
  );
  expect(
    await complaint(loadSessions(parent({ datafilters: { dfs: { ops: [{ valid_nlags: { nlags: 3 } }] } } }))),
  ).toBe(
    'parent.yaml: datafilters.dfs.ops.0.valid_nlags: unknown key "nlags" is not one of: n_lags (did you mean "n_lags"?)',
  );
  expect(
    await complaint(loadSessions(parent({ transforms: { stim: { source: "stim", ops: [{ fft: {} }] } } }))),
  ).toBe(
    `parent.yaml: transforms.stim.ops.0: "fft" is not one of: cast, dacones, diff, fftwhitening, maxnorm, mul, pixelnorm, select_units, smooth, splitrelu, symlog, temporal_basis, unsqueeze`,
  );
  expect(await complaint(loadSessions(parent({ sampling: { source_rate: 120, target_rate: 50 } })))).toBe(
    `${NAME}.h5: sampling: source_rate 120 must be a whole multiple of target_rate 50`,
  );
  writeFileSync(join(dir, "bad.yaml"), "cids: [1, 99, 1]");
  const bad = parent({ sessions: ["bad"] });
  expect(await complaint(loadSessions(bad))).toBe("bad.yaml: cids: lists a unit twice: 1");
  writeFileSync(join(dir, "bad.yaml"), `file: ${dir}/${NAME}.h5\ncids: [1, 99]`);
  expect(await complaint(loadSessions(bad))).toBe(
    `${NAME}.h5: cids: the file has no unit 99; it has 1, 2, 3, 4, 5, 6`,
  );
  writeFileSync(join(dir, "bad.yaml"), "session: x");
  expect(await complaint(loadSessions(bad))).toMatch(/^bad.yaml: cids: missing/);
  writeFileSync(join(dir, "bad.yaml"), "cids: [1, 2");
  expect(await complaint(loadSessions(bad))).toMatch(/^bad.yaml: line \d+, column \d+: not valid YAML: /);
});

test("accepts rates that differ by jitter, and joins frames by the nearest whole number", async () => {
  for (const [source_rate, target_rate, joined] of [
    [120.05, 60, 2],
    [119.95, 40, 3],
    [120, 120.1, 1],
  ] as const) {
    // biome-ignore format: a table
    const [session] = await loadSessions(parent({ sampling: { source_rate, target_rate } }));
    expect([session!.downsampling, session!.samplingRate]).toEqual([joined, target_rate]);
  }
});

test("reports an error of a session file in one line, without messages of HDF5", async () => {
  const damaged = join(dir, "damaged.h5");
  expect(await complaint(readSession(damaged))).toBe(
    "damaged.h5: no such file; check `session_dir` and `sessions`, or run `gradbook simulate` to make the demo sessions",
  );
  writeFileSync(damaged, "no HDF5");
  expect(await complaint(readSession(damaged))).toBe("damaged.h5: is not an HDF5 file; check the path");
  const whole = readFileSync(join(dir, `${NAME}.h5`));
  for (const length of [0, 100, 5000, whole.length - 1]) {
    writeFileSync(damaged, whole);
    truncateSync(damaged, length);
    expect(await complaint(readSession(damaged))).toMatch(
      /^damaged.h5: is (cut off; copy or simulate it again|not an HDF5 file; check the path)$/,
    );
  }
  const broken = Buffer.from(whole).fill(7, whole.length >> 1, (whole.length >> 1) + 60_000);
  writeFileSync(damaged, broken);
  expect(await complaint(readSession(damaged))).toMatch(
    /^damaged.h5: is damaged and cannot be read|^damaged.h5: .* missing/,
  );
});

test("names missing covariates and covariates of unequal length", async () => {
  const session = await readSession(join(dir, `${NAME}.h5`), ["gaborium"]);
  const file = join(dir, "odd.h5");
  const recording = session.recordings.gaborium!;
  await writeSession(file, {
    ...session,
    recordings: { gaborium: { ...recording, eyepos: recording.eyepos.slice(), frames: recording.frames } },
  });
  expect((await readSession(file)).recordings.gaborium).toEqual(recording);
  await writeHdf5(file, (h5) => {
    h5.create_attribute("name", "odd");
    h5.create_dataset({ name: "cids", data: Int32Array.of(1), shape: [1], dtype: "<i" });
    const group = h5.create_group("gaborium");
    group.create_dataset({ name: "stim", data: new Uint8Array(12), shape: [3, 2, 2], dtype: "<B" });
    group.create_dataset({ name: "robs", data: new Float32Array(2), shape: [2, 1], dtype: "<f" });
  });
  expect(await complaint(readSession(file))).toBe(
    "odd.h5: gaborium/robs: has shape [2,1], but stim has 3 frames, so it must be [3,1]",
  );
  await writeHdf5(file, (h5) => {
    h5.create_dataset({ name: "cids", data: Int32Array.of(1), shape: [1], dtype: "<i" });
    h5.create_group("gaborium").create_dataset({
      name: "stim",
      data: new Uint8Array(12),
      shape: [3, 2, 2],
      dtype: "<B",
    });
  });
  expect(await complaint(readSession(file))).toBe(
    "odd.h5: gaborium/robs: is missing or not numeric; docs/session-format.md lists what a session file holds",
  );
});

test("leaves no partial file, and replaces an existing one only on request", async () => {
  const before = readdirSync(dir).sort();
  await expect(
    writeHdf5(join(dir, "new.h5"), () => {
      throw new Error("disk full");
    }),
  ).rejects.toThrow("disk full");
  expect(await complaint(simulateSessions({ outDir: dir, sessions: 1 }))).toBe(
    `${NAME}.h5: exists already (1 of 1 sessions); give another folder, or --force to replace it`,
  );
  expect(await complaint(simulateSessions({ outDir: dir, frames: 3, force: true }))).toMatch(
    /^simulate: frames: too small/,
  );
  expect(readdirSync(dir).sort()).toEqual(before);
});

// Along a row, the power of a picture whose amplitude falls as 1/f in both directions falls as 1/f.
test("simulates images with natural statistics: the amplitude falls as 1/f", () => {
  for (const image of [pinkImage(128, new Random(1)), deadLeavesImage(128, new Random(1))]) {
    const power = [2, 4, 8, 16, 32].map((cycles) => powerAt(image.values, 128, cycles));
    const slope = Math.log2(power[0]! / power[4]!) / 4 / 2;
    expect(slope).toBeGreaterThan(0.35);
    expect(slope).toBeLessThan(0.8);
  }
});

/** Returns the mean power of the rows at a number of cycles per image, averaged over an octave. */
function powerAt(values: Float32Array, size: number, cycles: number): number {
  let [sum, count] = [0, 0];
  for (let k = Math.ceil(cycles / 1.3); k <= cycles * 1.3; k++) {
    for (let row = 0; row < size; row++) {
      let [re, im] = [0, 0];
      for (let x = 0; x < size; x++) {
        // A window is needed, because a picture is not periodic.
        const value = values[row * size + x]! * Math.sin((Math.PI * (x + 0.5)) / size) ** 2;
        re += value * Math.cos((2 * Math.PI * k * x) / size);
        im += value * Math.sin((2 * Math.PI * k * x) / size);
      }
      sum += re * re + im * im;
      count++;
    }
  }
  return sum / count;
}
