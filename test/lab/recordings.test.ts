import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadSessions, readSession, type Session } from "../../lib/data";
import { newFolder } from "../new-folder";
import { labFile, labSessions, SESSIONS as NAMES } from "./lab";
import { writeDsets } from "./project";

const folder = labSessions();
const written = existsSync(join(folder, NAMES[0]!, "datasets"));

afterEach(() => vi.unstubAllEnvs());

describe.each(NAMES)("%s", (name) => {
  test.skipIf(!written)("has the same numbers in .dset files and in its .h5 file", async () => {
    const [ours, theirs] = await Promise.all(
      [`${name}.h5`, name].map((path) => readSession(join(folder, path))),
    );
    expect({ ...theirs, recordings: {} }).toEqual({ ...ours, recordings: {} });
    for (const [type, recording] of Object.entries(ours!.recordings))
      expectSame(theirs!.recordings[type]!, recording);
  });
});

/** Compares recordings exactly: comparing millions of numbers by `toEqual` takes minutes. */
function expectSame(found: Session["recordings"][string], wanted: Session["recordings"][string]): void {
  const arrays = ({ others, ...recording }: typeof found) => ({
    ...recording,
    ...Object.fromEntries(Object.entries(others).map(([name, { values }]) => [name, values])),
  });
  const [a, b] = [arrays(found), arrays(wanted)] as Record<string, unknown>[];
  expect(Object.keys(a!).sort()).toEqual(Object.keys(b!).sort());
  for (const [name, values] of Object.entries(b!))
    if (ArrayBuffer.isView(values)) {
      const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
        Buffer.from(buffer, byteOffset, byteLength);
      expect(bytes(a![name] as ArrayBufferView).equals(bytes(values)), name).toBe(true);
    } else expect(a![name], name).toEqual(values);
  const facts = ({ others }: typeof found) =>
    Object.fromEntries(Object.entries(others).map(([name, { shape, whole }]) => [name, { shape, whole }]));
  expect(facts(found)).toEqual(facts(wanted));
}

test("finds the .dset files of an eye, and names the stimulus types that they lack", async () => {
  const there = newFolder();
  const name = NAMES[0]!;
  const eye = join(there, name, "datasets", "right_eye");
  writeDsets(eye, await readSession(join(folder, `${name}.h5`), ["gratings"]));
  const [ours, theirs] = [
    await readSession(join(folder, `${name}.h5`), ["gratings"]),
    await readSession(eye),
  ];
  expectSame(theirs.recordings.gratings!, {
    ...ours.recordings.gratings!,
    others: theirs.recordings.gratings!.others,
  });
  vi.stubEnv("GRADBOOK_DATA", there);
  await expect(loadSessions(labFile("configs", "sessions.yaml"), { maxDatasets: 1 })).rejects.toThrow(
    `${eye}: types: has no stimulus type backimage, gaborium; it has gratings`,
  );
});

test("lists the folders in which it looked for a recording", async () => {
  vi.stubEnv("GRADBOOK_DATA", "");
  const beside = labFile("configs", "sessions");
  await expect(loadSessions(labFile("configs", "sessions.yaml"), { dataDir: "nowhere" })).rejects.toThrow(
    `${join(beside, `${NAMES[0]}.h5`)}: has no recording: neither ${NAMES[0]}.h5 nor ${NAMES[0]}/datasets/*.dset is in nowhere, ${beside}; give the folder by --data_dir or GRADBOOK_DATA, or run \`gradbook simulate\` to make the demo sessions`,
  );
});

test.skipIf(!written)("prepares the same sessions from both kinds of files", async () => {
  const dsets = newFolder();
  for (const name of NAMES) symlinkSync(join(folder, name), join(dsets, name));
  const parent = labFile("configs", "sessions.yaml");
  const [ours, theirs] = [
    await loadSessions(parent, { dataDir: folder }),
    await loadSessions(parent, { dataDir: dsets }),
  ];
  ours.forEach((session, i) => {
    for (const name of ["stim", "robs", "dfs", "behavior", "train", "validation"] as const)
      expect(
        Buffer.compare(Buffer.from(session[name]!.buffer), Buffer.from(theirs[i]![name]!.buffer)),
        `${session.name}: ${name}`,
      ).toBe(0);
  });
});
