import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSession } from "../../lib/data";
import { readArrays } from "../../lib/data/convert/arrays";
import { labFile, labSessions, SESSIONS } from "./lab";

const PREPARED = readArrays(labFile("expected", "prepared.npz"));

test("reads the synthetic sessions of the reference numbers", async () => {
  const folder = labSessions();
  for (const name of SESSIONS) {
    const path = join(folder, `${name}.h5`);
    expect(existsSync(path), path).toBe(true);
    const { cids, samplingRate, recordings } = await readSession(path);
    const units = readArrays(join(folder, name, "missing_pct.npz")).get("cids")!.shape;
    expect([[cids.length], samplingRate]).toEqual([units, 240]);
    // The package joins two frames at 240 Hz to one.
    for (const [type, { frames }] of Object.entries(recordings))
      expect([Math.floor(frames / 2)], type).toEqual(PREPARED.get(`${name}/${type}/trial_inds`)!.shape);
  }
});
