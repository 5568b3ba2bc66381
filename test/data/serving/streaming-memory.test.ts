import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../engine/child";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";

const dir = newFolder();
const MB = 1e6;

/** Writes a session with a movie of some megabytes, in frames of 64 × 64 pixels. */
async function written(name: string, megabytes: number): Promise<string> {
  await runPython(
    `import h5py, sys, numpy as np
frames = int(sys.argv[2]) * 10**6 // 4096; rng = np.random.default_rng(0)
with h5py.File(sys.argv[1], "w") as f:
    f.attrs.update(name="ada_1", sampling_rate=120.0, pixels_per_degree=12.0)
    f["cids"] = np.arange(1, 9)
    g = f.create_group("noise")
    stim = g.create_dataset("stim", (frames, 64, 64), "u1")
    for t in range(0, frames, 1000): stim[t:t + 1000] = rng.integers(0, 256, (1000, 64, 64), dtype='u1')[:frames - t]
    g["robs"] = (np.arange(8 * frames) % 5).astype("u1").reshape(frames, 8)
    g["eyepos"] = np.zeros((frames, 2), "f4"); g["t_bins"] = np.arange(frames) / 120
    g["trial_inds"] = np.arange(frames) // 100; g["dpi_valid"] = np.ones(frames, "f4")`,
    [join(dir, `${name}.h5`), String(megabytes)],
  );
  writeFileSync(join(dir, `${name}.yaml`), "cids: [1, 2, 3, 4, 5, 6, 7, 8]");
  const config = join(dir, `${name}-all.yaml`);
  writeFileSync(
    config,
    JSON.stringify({ types: ["noise"], sessions: [name], keys_lags: { stim: [0, 1, 2, 3] } }),
  );
  return config;
}

/** Loads and serves a session in a process of its own. Returns the peak of the memory that it allocates, in bytes. */
function peak(config: string): number {
  const file = (path: string) => JSON.stringify(resolve(path));
  const { stdout, stderr } = run(`
    const { MultiDatasetDM } = require(${file("lib/data/serving/multi-dataset.ts")});
    const { ResidentData } = require(${file("lib/data/serving/resident.ts")});
    const { startThread } = require(${file("lib/base/thread/start-thread.ts")});
    const peak = new Float64Array(new SharedArrayBuffer(8));
    const sampler = startThread(${file("bench/data/peak-thread")}, { workerData: { peak: peak.buffer } });
    const data = await MultiDatasetDM.load(${JSON.stringify(config)}, { movieCache: "10 MB" });
    const resident = new ResidentData(data.sessions, { stim: true, limits: data.limits });
    let left = 60;
    for await (const _ of resident.serve(data.trainBatches({ batchSize: 64, seed: 0, pass: 0 }))) if (left-- === 0) break;
    console.log(peak[0]);
    await sampler.terminate();`);
  expect(stderr).toBe("");
  return Number(stdout);
}

test.skipIf(process.platform !== "linux")(
  "streams a movie with a peak of memory that does not depend on the file's size",
  async () => {
    const [small, large] = [await written("small", 30), await written("large", 240)];
    const growth = peak(large) - peak(small);
    expect(growth).toBeLessThan(70 * MB);
  },
  300_000,
);
