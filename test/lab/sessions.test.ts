import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSession } from "../../lib/data";
import { labSessions } from "./lab";
import { SESSIONS } from "./project";

/** The numbers of units of the sessions. */
const UNITS = [20, 16, 14];

test("reads the synthetic sessions of the reference numbers", async () => {
  const folder = labSessions();
  for (const [i, name] of SESSIONS.entries()) {
    const path = join(folder, `${name}.h5`);
    expect(existsSync(path), path).toBe(true);
    const { cids, samplingRate, recordings } = await readSession(path);
    expect([cids.length, samplingRate]).toEqual([UNITS[i], 240]);
    const frames = Object.fromEntries(Object.entries(recordings).map(([type, r]) => [type, r.frames]));
    expect(frames).toEqual({ backimage: 8001, gaborium: 5000, gratings: 3000 });
  }
});
