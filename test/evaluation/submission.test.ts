import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { readSession, writeSession } from "../../lib/data";
import { writeSubmission } from "../../lib/evaluation/submission";
import { loadExperiment } from "../../lib/twin/experiment";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

/** Writes images or videos of 12 × 12 pixels with 2 units in the layout of the competition, by numpy. */
const WRITE = `
import numpy as np, os, sys
root, kind = sys.argv[1:]
rng = np.random.default_rng(1)
tiers = ["train", "train", "validation", "test", "final_test", "final_test"] if kind == "images" else ["train", "validation", "live_test_main", "final_test_bonus"]
def save(path, array):
    file = os.path.join(root, path + ".npy")
    os.makedirs(os.path.dirname(file), exist_ok=True)
    np.save(file, array)
for k, tier in enumerate(tiers):
    frames = [] if kind == "images" else [54 + k]
    save(f"data/{kind}/{k}", rng.integers(0, 256, [12, 12] + frames).astype(float))
    save(f"data/responses/{k}", rng.random([2] + frames))
save("meta/trials/tiers", np.array(tiers))
save("meta/neurons/unit_ids", np.array([7, 9]))
if kind == "images":
    save("meta/trials/frame_image_id", 100 + np.arange(6))
    save("meta/trials/trial_idx", 10 * np.arange(6))
`;

/** Reads a submission as the competition does, and prints it as JSON. */
const READ = `
import ast, csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(json.dumps([{key: value if key == "mouse" else ast.literal_eval(value) for key, value in row.items()} for row in rows]))
`;

async function twinOf(dir: string, kind: "images" | "videos", sessionOptions = "") {
  await runPython(WRITE, [join(dir, "mouse_1"), kind]);
  writeFileSync(join(dir, "mouse_1.yaml"), `cids: [7, 9]\nresponses: rates\n${sessionOptions}`);
  const parent = join(dir, "sessions.yaml");
  writeFileSync(parent, JSON.stringify({ types: [kind], sessions: ["mouse_1"], keys_lags: { stim: 0 } }));
  return loadExperiment({ model: "configs/models/images.yaml", sessions: parent });
}

test("writes predictions of images in the layout of Sensorium 2022", async () => {
  const dir = newFolder();
  const twin = await twinOf(dir, "images");
  const files = await writeSubmission(twin, join(dir, "out"));
  expect(files.map(({ path, tier, trials }) => [basename(path), tier, trials])).toEqual([
    ["submission_file_live_test.csv", "test", 1],
    ["submission_file_final_test.csv", "final_test", 2],
  ]);
  const rows = JSON.parse(await runPython(READ, [files[1]!.path]));
  expect(rows.map(({ trial_indices, image_ids, neuron_ids }: Record<string, unknown>) => [trial_indices, image_ids, neuron_ids])).toEqual([[40, 104, [7, 9]], [50, 105, [7, 9]]]); // biome-ignore format: one list
  const predicted = await twin.predict(0, [4, 5]);
  const flat = rows.flatMap(({ prediction }: { prediction: number[] }) => prediction);
  expect(flat).toHaveLength(4);
  flat.forEach((value: number, i: number) => {
    expect(value).toBeCloseTo(predicted[i]!, 6);
  });
  twin.dispose();
});

test("writes predictions of videos from frame 50 on in the columns of Sensorium 2023, as Parquet", async () => {
  const dir = newFolder();
  const twin = await twinOf(dir, "videos");
  const files = await writeSubmission(twin, join(dir, "out"));
  const names = [
    "predictions_file_live_test_main_main_track.parquet.brotli",
    "predictions_file_final_test_bonus_ood_track.parquet.brotli",
  ];
  expect(files.map(({ path }) => basename(path))).toEqual(names);
  expect(readdirSync(join(dir, "out")).sort()).toEqual([...names].sort());
  const { parquetMetadata, parquetReadObjects } = await import("hyparquet");
  const bytes = readFileSync(files[0]!.path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  expect(parquetMetadata(file).row_groups[0]!.columns[2]!.meta_data!.codec).toBe("BROTLI");
  const rows = await parquetReadObjects({
    file,
    compressors: { BROTLI: (data) => brotliDecompressSync(data) },
  });
  expect(rows).toHaveLength(1);
  const [row] = rows as [Record<"prediction", number[][]>];
  expect(row).toMatchObject({ mouse: "mouse_1", trial_indices: 2n, neuron_ids: [7n, 9n] });
  // Trials 0 and 1 have 54 and 55 frames; trial 2 has 56.
  const predicted = await twin.predict(0, [109 + 50, 109 + 55]);
  expect(row.prediction.map((rates) => rates.length)).toEqual([6, 6]);
  expect(row.prediction[1]![0]).toBe(predicted[1]);
  expect(row.prediction[0]![5]).toBe(predicted[2]);
  twin.dispose();
});

test("rejects lags that reach before the first scored frame, and recordings in another format", async () => {
  const dir = newFolder();
  const twin = await twinOf(dir, "videos", "keys_lags: {stim: [0, 51]}\n");
  await expect(writeSubmission(twin, join(dir, "out"))).rejects.toThrow(
    `${join(dir, "mouse_1")}: keys_lags: has a lag of 51 frames, but the competition scores videos from frame 50 on`,
  );
  twin.dispose();
  await writeSession(join(dir, "mouse_2.h5"), await readSession(join(dir, "mouse_1")));
  writeFileSync(join(dir, "mouse_2.yaml"), "cids: [7, 9]\nrecording: mouse_2.h5\n");
  const parent = join(dir, "copies.yaml");
  writeFileSync(parent, JSON.stringify({ types: ["videos"], sessions: ["mouse_2"], keys_lags: { stim: 0 } }));
  const copy = await loadExperiment({ model: "configs/models/images.yaml", sessions: parent });
  await expect(writeSubmission(copy, join(dir, "out"))).rejects.toThrow(
    `${join(dir, "mouse_2.h5")}: is no Sensorium folder, so there is nothing to submit; train on the folder itself (gradbook convert --link)`,
  );
  copy.dispose();
});

test("names the tiers that a recording lacks", async () => {
  const dir = newFolder();
  const twin = await twinOf(dir, "images");
  await runPython('import numpy as np, sys\nnp.save(sys.argv[1], np.array(["train"] * 6))', [
    join(dir, "mouse_1", "meta", "trials", "tiers.npy"),
  ]);
  await expect(writeSubmission(twin, join(dir, "out"))).rejects.toThrow(
    `${join(dir, "mouse_1")}: meta/trials/tiers.npy: has no trial of a tier to submit: test, final_test`,
  );
  twin.dispose();
});
