import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { gratings } from "../../lib/insilico";
import { gratingWindow } from "../../web/view/grating";

const VIEW = { height: 9, width: 13, channels: 1, lags: [5, 3, 1, 0], samplingRate: 60, pixelsPerDegree: 4 };

test("draws a grating as the stimuli of experiments do", () => {
  const grating = { direction: 70, spatialFrequency: 0.7, temporalFrequency: 6, contrast: 0.4 };
  const drawn = gratingWindow(grating, VIEW, 0.3);
  const expected = tf.tidy(() => {
    const row = gratings.row({ ...grating, phase: -0.3 * 360 });
    return gratings.draw(tf.tensor2d([Array.from(row)]), VIEW).dataSync();
  });
  expect(drawn.length).toBe(expected.length);
  for (const [i, value] of drawn.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
});
