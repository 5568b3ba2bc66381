import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSession } from "../../lib/data";
import { labSessions } from "./lab";

test("reads the synthetic sessions of the reference numbers", async () => {
  const folder = labSessions();
  for (const [name, units] of [["Ada_2031-05-01", 20], ["Ada_2031-05-02", 16], ["Bob_2031-06-11", 14]] as const) {
    const path = join(folder, `${name}.h5`);
    expect(existsSync(path), path).toBe(true);
    const { cids, samplingRate, recordings } = await readSession(path);
    expect([cids.length, samplingRate]).toEqual([units, 240]);
    const frames = Object.fromEntries(Object.entries(recordings).map(([type, r]) => [type, r.frames]));
    expect(frames).toEqual({ backimage: 8001, gaborium: 5000, gratings: 3000 });
  }
}); // biome-ignore format: one loop
