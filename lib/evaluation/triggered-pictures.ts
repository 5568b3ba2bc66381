import { frameLength } from "../base/dsp/movie";
import type { PreparedSession } from "../data";
import type { TriggeredPicture } from "./evaluation";
import type { SpikeTriggered } from "./triggered";

/**
 * Returns the units whose average is clearest: those with the largest ratio of the power at one lag to the mean power
 * over all lags.
 */
export function clearest(
  session: PreparedSession,
  { lags, data, model, correlation }: SpikeTriggered,
  count: number,
): TriggeredPicture[] {
  const { name, cids, height, width, channels, samplingRate } = session;
  const pixels = frameLength(session);
  const at = (unit: number, lag: number) => (unit * lags.length + lag) * pixels;
  const power = (unit: number, lag: number) =>
    data.subarray(at(unit, lag), at(unit, lag) + pixels).reduce((sum, value) => sum + value * value, 0);
  const found = cids.map((cid, unit) => {
    const powers = lags.map((_, lag) => power(unit, lag));
    const most = Math.max(...powers);
    const mean = powers.reduce((a, b) => a + b, 0) / powers.length;
    return { cid, unit, lag: powers.indexOf(most), clarity: most / mean };
  });
  /** Returns the channel with the most power in the data's average at a lag. */
  const strongestChannel = (start: number) => {
    const powers = new Float64Array(channels);
    for (let i = 0; i < pixels; i++) powers[i % channels]! += data[start + i]! ** 2;
    return powers.indexOf(Math.max(...powers));
  };
  const pictures = (start: number) => {
    const first = start + (channels === 1 ? 0 : strongestChannel(start));
    const [ofData, ofModel] = [data, model].map((all) =>
      Array.from({ length: height * width }, (_, i) => Number(all[first + i * channels]!.toPrecision(5))),
    ) as [number[], number[]];
    return { data: ofData, model: ofModel };
  };
  return found
    .filter(({ clarity }) => Number.isFinite(clarity))
    .sort((a, b) => b.clarity - a.clarity)
    .slice(0, count)
    .map(({ cid, unit, lag }) => ({
      session: name,
      cid,
      ms: (1000 * lags[lag]!) / samplingRate,
      height,
      width,
      ...pictures(at(unit, lag)),
      correlation: correlation[unit]!,
    }));
}
