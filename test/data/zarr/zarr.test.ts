import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSessions, MultiDatasetDM, type Recording, readSession, writeSession } from "../../../lib/data";
import { ResidentData } from "../../../lib/data/serving/resident";
import { fetchBytes } from "../../../lib/data/zarr/fetch-bytes";
import { complaintOf } from "../../complaint";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";
import { bytesServed } from "../serving/bytes-served";

const dir = newFolder();
const [FRAMES, SIDE, UNITS] = [100, 5, 3];
let server: ChildProcess;
let address: string;

const recording: Recording = {
  frames: FRAMES,
  height: SIDE,
  width: SIDE,
  channels: 1,
  stim: Uint8Array.from({ length: FRAMES * SIDE * SIDE }, (_, i) => (i * 31) % 256),
  robs: Uint8Array.from({ length: FRAMES * UNITS }, (_, i) => (i * 7) % 4),
  eyepos: new Float32Array(FRAMES * 2),
  tBins: Float64Array.from({ length: FRAMES }, (_, t) => t / 120),
  trialInds: Int32Array.from({ length: FRAMES }, (_, t) => Math.floor(t / 10)),
  dpiValid: new Float32Array(FRAMES).fill(1),
  others: {
    pupil: { shape: [FRAMES], whole: false, values: Float32Array.from({ length: FRAMES }, (_, t) => t / 8) },
  },
};

beforeAll(async () => {
  const session = { name: "ada_1", samplingRate: 120, pixelsPerDegree: 12, cids: [1, 2, 5] };
  const file = join(dir, "ada_1.h5");
  await writeSession(file, { ...session, recordings: { noise: recording } });
  const script = readFileSync(join(__dirname, "../convert/write_zarr.py"), "utf8");
  for (const [name, format] of [
    ["ada_1", "2"],
    ["unlisted", "2"],
    ["third", "3"],
  ] as const)
    await runPython(script, [file, join(dir, `${name}.zarr`), format]);
  writeFileSync(join(dir, "ada_1.zarr/.zmetadata"), JSON.stringify(consolidated(join(dir, "ada_1.zarr"))));
  server = spawn(process.execPath, [join(__dirname, "serve-folder.mjs"), dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  address = String((await once(server.stdout!, "data"))[0]).trim();
});
afterAll(() => {
  server.kill();
});

/** Returns the metadata of all groups and arrays, as `zarr.consolidate_metadata` lists them. */
function consolidated(store: string) {
  const files = readdirSync(store, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.z\w+$/.test(name),
  );
  const metadata = Object.fromEntries(
    files.map((name) => [name, JSON.parse(readFileSync(join(store, name), "utf8"))]),
  );
  return { zarr_consolidated_format: 1, metadata };
}

/** Writes the configuration of a session with this recording. */
function configured(more: object): string {
  writeFileSync(join(dir, "ada_1.yaml"), JSON.stringify({ cids: [1, 2, 5], ...more }));
  const config = join(dir, "sessions.yaml");
  writeFileSync(
    config,
    JSON.stringify({ types: ["noise"], sessions: ["ada_1"], keys_lags: { stim: [0, 1, 2] } }),
  );
  return config;
}

/** Returns the bytes of all samples of a pass. */
async function served(more: object, limits: { movieCache?: string } = {}) {
  const data = await MultiDatasetDM.load(configured(more), limits);
  const resident = new ResidentData(data.sessions, { stim: true, limits: data.limits });
  const values = await bytesServed(resident, data.trainBatches({ batchSize: 8, seed: 1, pass: 0 }));
  resident.dispose();
  return values;
}

test.each([
  ["a folder", () => join(dir, "ada_1.zarr")],
  ["a folder in format 3", () => join(dir, "third.zarr")],
  ["a server", () => `${address}/ranges/ada_1.zarr`],
  ["a server that loses connections", () => `${address}/flaky/ada_1.zarr`],
  ["a busy server", () => `${address}/busy/ada_1.zarr/?signature=1`],
])("reads the same session in Zarr from %s as in HDF5", async (_, location) => {
  expect(await readSession(location())).toEqual(await readSession(join(dir, "ada_1.h5")));
});

test("serves the same batches from Zarr as from HDF5, loaded and streamed", async () => {
  const fromHdf5 = await served({ recording: "ada_1.h5" });
  expect(new Set(fromHdf5).size).toBeGreaterThan(10);
  for (const recording of ["ada_1.zarr", `${address}/ranges/ada_1.zarr`]) {
    expect(await served({ recording })).toEqual(fromHdf5);
    expect(await served({ recording }, { movieCache: "1 kB" })).toEqual(fromHdf5);
  }
});

test("finds a store with the session's name beside its YAML file, and names a missing one", async () => {
  const config = configured({});
  rmSync(join(dir, "ada_1.h5"));
  const [session] = await loadSessions(config);
  expect(session!.file).toBe(join(dir, "ada_1.zarr"));
  expect(await complaintOf(loadSessions(configured({ recording: "bob.zarr" })), dir)).toBe(
    `ada_1.h5: recording: names bob.zarr, which is no recording: an .h5 file, a .zarr folder or its address (https://...), a folder of .dset files, a Sensorium folder with data/responses, or an experanto folder with screen/timestamps.npy`,
  );
});

test.each([
  ["ranges/gone.zarr", "holds no Zarr store: neither .zgroup nor .zarray nor zarr.json is there (404); check the address"],
  ["ranges/unlisted.zarr", "has no consolidated metadata, which lists its arrays, because a server cannot; write it in Python: `zarr.consolidate_metadata(path)`"],
  ["ranges/ada_1.h5", "is an HDF5 file on a server, which is not read; download it, or write it as Zarr (docs/session-format.md)"],
  ["closed/ada_1.zarr", "the server answered 403 Forbidden; check the address and the right to read it"],
  ["lost/ada_1.zarr", "5 requests failed, the last one with: UND_ERR_SOCKET; check the address and the network, and start again"],
])("says why %s cannot be read", async (path, message) => {
  const location = `${address}/${path}`;
  expect(await complaintOf(readSession(location), dir)).toBe(`${location}: ${message}`);
}); // biome-ignore format: a table

test("reports that no server answers", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const location = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/ada_1.zarr`;
  closed.close();
  expect(await complaintOf(readSession(location), dir)).toBe(
    `${location}: 5 requests failed, the last one with: ECONNREFUSED; check the address and the network, and start again`,
  );
});

test("fetches ranges of bytes, and names a server without them", async () => {
  const file = "ada_1.zarr/.zmetadata";
  const text = readFileSync(join(dir, file), "utf8");
  const range = { offset: 3, length: 9 };
  const found = await fetchBytes(`${address}/ranges/${file}`, range);
  expect(Buffer.from(found!).toString()).toBe(text.slice(3, 12));
  const last = await fetchBytes(`${address}/ranges/${file}`, { suffixLength: 5 });
  expect(Buffer.from(last!).toString()).toBe(text.slice(-5));
  await expect(fetchBytes(`${address}/whole/${file}`, range)).rejects.toThrow(
    "the server does not serve ranges of bytes (it answered 200 instead of 206), which arrays in shards need; use another server, or write the arrays without shards",
  );
});

test("names the array whose chunk is damaged", async () => {
  const store = join(dir, "unlisted.zarr");
  writeFileSync(join(store, "noise/robs/2.0"), "no chunk");
  expect(await complaintOf(readSession(store), dir)).toMatch(
    /^unlisted\.zarr: noise\/robs: cannot be read \(.+\); copy it again, or write it with another compressor$/,
  );
});
