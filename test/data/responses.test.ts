import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { loadSessions, type Recording, readSession, type Session, writeSession } from "../../lib/data";
import { newFolder } from "../new-folder";

const dir = newFolder();
const file = join(dir, "ada_1.h5");
afterEach(() => vi.restoreAllMocks());

const FRAMES = 40;
/** Responses of two units: the first is a z-score, the second constant. */
const robs = Float32Array.from({ length: FRAMES * 2 }, (_, i) => (i % 2 ? -1 : (i % 7) - 3));

function recording(): Recording {
  return {
    frames: FRAMES,
    height: 1,
    width: 2,
    others: {},
    robs,
    stim: Uint8Array.from({ length: FRAMES * 2 }, (_, i) => i),
    eyepos: new Float32Array(FRAMES * 2),
    tBins: Float64Array.from({ length: FRAMES }, (_, t) => t / 120),
    trialInds: Int32Array.from({ length: FRAMES }, (_, t) => Math.floor(t / 10)),
    dpiValid: new Float32Array(FRAMES).fill(1),
  };
}

async function write(session: Partial<Session> = {}): Promise<void> {
  const recordings = { noise: recording() };
  const about = { name: "ada_1", samplingRate: 120, pixelsPerDegree: 12, cids: [1, 2] };
  await writeSession(file, { ...about, recordings, ...session });
}

function configured(more: object = {}): string {
  writeFileSync(join(dir, "ada_1.yaml"), "cids: [1, 2]");
  const path = join(dir, "all.yaml");
  writeFileSync(path, JSON.stringify({ types: ["noise"], sessions: ["ada_1"], ...more }));
  return path;
}

const said = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing",
    ({ message }: Error) => message.replaceAll(`${dir}/`, ""),
  );

test("keeps the kind of the responses in the file, and allows negative values of kinds that have them", async () => {
  for (const responses of ["calcium", "zscores"] as const) {
    await write({ responses });
    const session = await readSession(file);
    expect([session.responses, session.recordings.noise!.robs]).toEqual([responses, robs]);
  }
  await write();
  expect(await said(readSession(file))).toBe(
    "ada_1.h5: noise/robs: is -3 at frame 0, column 0, and 57 more like it; spike counts must be finite and 0 or more; for other responses state `responses: calcium or zscores`, or --kind of convert",
  );
  await write({ responses: "spikes" as "counts" });
  expect(await said(readSession(file))).toBe(
    'ada_1.h5: responses: "spikes" is not one of: counts, rates, calcium, zscores',
  );
});

test("takes the kind of the configuration in place of the file's, averages joined frames, and warns of constant units", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  await write();
  const sampling = { source_rate: 120, target_rate: 60 };
  const [session] = await loadSessions(configured({ responses: "zscores", sampling }));
  expect(session!.responses).toBe("zscores");
  expect([...session!.robs.subarray(0, 4)]).toEqual([
    (robs[0]! + robs[2]!) / 2,
    -1,
    (robs[4]! + robs[6]!) / 2,
    -1,
  ]);
  expect(warn.mock.calls.flat()).toEqual([
    `${file}: robs: 1 of 2 units have a constant response on the training frames: 2. They are kept; remove them from \`cids\` to exclude them.`,
  ]);
  expect(await said(loadSessions(configured({ responses: "rates" })))).toBe(
    "ada_1.h5: noise/robs: is -3 at frame 0, column 0, and 57 more like it; rates must be finite and 0 or more; for other responses state `responses: calcium or zscores`, or --kind of convert",
  );
});
