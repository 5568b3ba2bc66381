import { beforeAll, expect, test, vi } from "vitest";
import { contrastScores, loadSessions, type PreparedSession } from "../../lib/data";
import { readArrays } from "../../lib/data/convert/arrays";
import { labFile, labSessions, largestDifference } from "./lab";

const PREPARED = readArrays(labFile("expected", "prepared.npz"));
const numbers = (name: string) => Array.from(PREPARED.get(name)!.values as ArrayLike<number>, Number);

let sessions: PreparedSession[];
beforeAll(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  sessions = await loadSessions(labFile("configs", "sessions.yaml"), { dataDir: labSessions() });
});

/** Returns the frames of one stimulus type among those of a session, counted from its first frame. */
const ofPart = (frames: Int32Array, { first, frames: count }: PreparedSession["parts"][number]) =>
  [...frames].filter((t) => t >= first && t < first + count).map((t) => t - first);

test("splits the trials of each stimulus type as the PyTorch package does", () => {
  for (const session of sessions)
    for (const [type, part] of session.parts.entries())
      for (const key of ["train", "val"] as const) {
        const all = numbers(`${session.name}/${key}`);
        const expected = all.filter((_, i) => i % 2 === 1 && all[i - 1] === type);
        const found = ofPart(key === "train" ? session.train : session.validation, part);
        expect(found, `${session.name} ${part.type} ${key}`).toEqual([...expected].sort((a, b) => a - b));
      }
});

test("keeps the valid bins of the package", () => {
  for (const { name, parts, dfs, dfsColumns, cids } of sessions) {
    expect(dfsColumns).toBe(cids.length);
    for (const { type, first, frames } of parts) {
      // Bits along the frames, eight in a byte, the first frame in the highest bit.
      const bits = numbers(`${name}/${type}/dfs`);
      const own = dfs.subarray(first * dfsColumns, (first + frames) * dfsColumns);
      const different = own.findIndex((counts, i) => {
        const [t, unit] = [Math.floor(i / dfsColumns), i % dfsColumns];
        return counts !== ((bits[(t >> 3) * dfsColumns + unit]! >> (7 - (t & 7))) & 1);
      });
      expect(different, `${name} ${type}`).toBe(-1);
    }
  }
});

test("makes the behaviour, the eye position and the spikes of the package", () => {
  const largest = (found: ArrayLike<number>, first: number, every: number, name: string) => {
    const expected = numbers(name);
    const columns = PREPARED.get(name)!.shape[1]!;
    const row = (i: number) => first + every * Math.floor(i / columns);
    return largestDifference(
      expected,
      expected.map((_, i) => found[row(i) * columns + (i % columns)]!),
    );
  };
  for (const { name, parts, behavior, eyepos, robs } of sessions)
    for (const { type, first } of parts) {
      const at = `${name}/${type}`;
      expect(largest(behavior!, first, 7, `${at}/behavior_every_7th`)).toBeLessThan(2e-7);
      expect(largest(eyepos, first, 7, `${at}/eyepos_every_7th`)).toBe(0);
      expect(largest(robs, first, 1, `${at}/robs`)).toBe(0);
    }
});

test("computes the contrast of the package, which rounds it to 16 bits", () => {
  for (const [i, scores] of contrastScores(sessions).entries()) {
    const expected = numbers(`${sessions[i]!.name}/contrast`);
    expect(scores.length).toBe(expected.length);
    expect(largestDifference(expected, scores)).toBeLessThan(2e-3);
  }
});
