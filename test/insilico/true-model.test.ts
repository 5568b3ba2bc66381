import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { Responder } from "../../lib/data/simulate/responses";
import { randomUnit } from "../../lib/data/simulate/unit";
import { naturalWindows, presentWindows, trueModel } from "../../lib/insilico";
import { VIEW } from "./view";

const random = new Random(5, "units of the true model");
const units = Array.from({ length: 6 }, (_, i) => randomUnit(i, 17, random));
const [LAGS, PIXELS] = [11, 17 * 17];

test("the true model responds as the simulator does at rest", async () => {
  const windows = naturalWindows(VIEW, 3, { seed: 1 });
  const contrast = windows.values.map((value) => Math.round(127 * value) / 127);
  const rates = await presentWindows(trueModel(units, VIEW), { count: 3, values: contrast });
  for (let w = 0; w < 3; w++) {
    const own = contrast.subarray(w * LAGS * PIXELS, (w + 1) * LAGS * PIXELS);
    // Blank frames first, because the simulator's normalisation remembers all frames.
    const blank = 100;
    const frames = blank + LAGS;
    const stim = new Uint8Array(frames * PIXELS).fill(127);
    stim.set(
      own.map((value) => Math.round(127 + 127 * value)),
      blank * PIXELS,
    );
    const zeros = new Float32Array(frames);
    const input = { frames, size: 17, stim, arousal: zeros, saccadeEffect: zeros, progress: zeros };
    for (const [u, unit] of units.entries()) {
      const simulated = new Responder(unit, 17, 120).rates(input).at(-1)!;
      expect(rates[w * units.length + u]! / simulated).toBeCloseTo(1, 4);
    }
  }
});
