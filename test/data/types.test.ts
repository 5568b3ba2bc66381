import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSessions, type Recording, writeSession } from "../../lib/data";
import { loadExperiment } from "../../lib/twin/experiment";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "gradbook-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Trials of 10 frames; every frame counts. */
function recording(frames: number): Recording {
  return {
    frames,
    height: 3,
    width: 4,
    others: {},
    stim: Uint8Array.from({ length: frames * 12 }, (_, i) => i % 251),
    robs: Float32Array.from({ length: frames * 2 }, (_, i) => (i * 7) % 3),
    eyepos: new Float32Array(frames * 2),
    tBins: Float64Array.from({ length: frames }, (_, t) => t / 120),
    trialInds: Int32Array.from({ length: frames }, (_, t) => Math.floor(t / 10)),
    dpiValid: new Float32Array(frames).fill(1),
  };
}

async function parent(keys_lags: object): Promise<string> {
  await writeSession(join(dir, "ada_1.h5"), {
    name: "ada_1",
    samplingRate: 120,
    pixelsPerDegree: 12,
    cids: [1, 2],
    recordings: { first: recording(60), second: recording(40) },
  });
  writeFileSync(join(dir, "ada_1.yaml"), "cids: [1, 2]");
  const file = join(dir, "all.yaml");
  writeFileSync(file, JSON.stringify({ types: ["first", "second"], sessions: ["ada_1"], keys_lags }));
  return file;
}

test("no sample reads frames before the start of its own recording, whatever the filters", async () => {
  const [session] = await loadSessions(await parent({ stim: [0, 1, 2, 3, 4] }));
  const valid = [...session!.train, ...session!.validation].sort((a, b) => a - b);
  const counted = Array.from({ length: 100 }, (_, t) => t).filter((t) => (t < 60 ? t >= 4 : t >= 64));
  expect(valid).toEqual(counted);
});

test("allows a spike history that reaches farther back than the stimulus when its lags are given", async () => {
  const model = join(dir, "model.yaml");
  const readout = { type: "linear", params: {} };
  const history_encoder = { type: "mlp", params: { num_lags: 3, hidden_dims: [4] } };
  writeFileSync(model, JSON.stringify({ model_type: "v1multi_history", readout, history_encoder }));
  const load = async (keys_lags: object) => loadExperiment({ model, sessions: await parent(keys_lags) });
  const twin = await load({ history: [1, 2, 3] });
  expect(Math.min(...twin.sessions[0]!.train, ...twin.sessions[0]!.validation)).toBe(3);
  const rates = await twin.predict(0, [3, 4, 99]);
  expect(rates.every((rate) => rate > 0)).toBe(true);
  await expect(twin.predict(0, [2])).rejects.toThrow("frame 2 is not in 3..99");
  twin.dispose();
  await expect(load({})).rejects.toThrow(
    "keys_lags.history: is not given, and the model reads 3 bins back, farther than the stimulus (0); give [1,2,3]",
  );
});
