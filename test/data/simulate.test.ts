import { expect, test } from "vitest";
import { ConfigError } from "../../lib/base/config";
import { simulateSession } from "../../lib/data/simulate/session";
import { trueModel } from "../../lib/insilico/true-model";

const OPTIONS = {
  name: "luke_1",
  units: 4,
  frames: { backimage: 120, gaborium: 60 },
  trialFrames: 60,
  size: 11,
  samplingRate: 60,
  pixelsPerDegree: 12,
  seed: 3,
};

test("simulates several channels under one gaze, of which each unit sees one", () => {
  const [one, three] = [1, 3].map((channels) => simulateSession({ ...OPTIONS, channels }));
  expect(three!.truth.units.map(({ channel }) => channel)).toEqual([0, 1, 2, 0]);
  for (const type of ["backimage", "gaborium"]) {
    const [gray, color] = [one, three].map(({ session } = one!) => session.recordings[type]!);
    expect([color!.channels, color!.stim.length]).toEqual([3, 3 * gray!.stim.length]);
    expect(color!.eyepos).toEqual(gray!.eyepos);
    const channel = (c: number) => color!.stim.filter((_, i) => i % 3 === c);
    expect(channel(0)).toEqual(gray!.stim);
    expect(channel(1)).not.toEqual(channel(0));
    const ratesOf = ({ truth }: NonNullable<typeof one>, unit: number) =>
      truth.rates[type]!.filter((_, i) => i % 4 === unit);
    expect(ratesOf(three!, 0)).toEqual(ratesOf(one!, 0));
    expect(ratesOf(three!, 3)).toEqual(ratesOf(one!, 3));
    expect(ratesOf(three!, 1)).not.toEqual(ratesOf(one!, 1));
  }
  expect(() =>
    trueModel(three!.truth.units, {
      height: 11,
      width: 11,
      channels: 3,
      lags: [0],
      samplingRate: 60,
      pixelsPerDegree: 12,
    }),
  ).toThrow(
    new ConfigError("trueModel", [
      {
        path: "units",
        message:
          "see different channels of a stimulus; the observer has one channel: simulate sessions without --channels",
      },
    ]),
  );
});
