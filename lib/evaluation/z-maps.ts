import { extremes } from "../base/dsp/extremes";
import { frameLength } from "../base/dsp/movie";
import type { PreparedSession } from "../data";
import { whitenedZMaps } from "../metrics";
import type { SessionNote } from "./fixations";
import { counts } from "./repeats";
import { moviePixels } from "./triggered";

/** A z-map of a unit at the lag and the channel of its largest absolute value. */
export interface ZMap {
  /** Milliseconds before the spike. */
  ms: number;
  /** `[height, width]`, in standard deviations. */
  values: number[];
}

/** The z-maps of a unit's spikes over a stimulus that is whitened over space: see `whitenedZMaps`. */
export interface ZMapPicture {
  session: string;
  cid: number;
  height: number;
  width: number;
  /** The map of the spike-triggered average. */
  sta: ZMap;
  /** The map of the spike-triggered energy. */
  ste: ZMap;
}

/** The largest number of values of a frame, because the time to whiten is in proportion to its third power: some seconds at 51 x 51. */
const MOST = 64 * 64;

/** Returns the reason why a session has no z-maps; undefined if it can have them. */
export function zMapsProblem(session: PreparedSession): SessionNote | undefined {
  const { name, height, width, channels } = session;
  if (frameLength(session) <= MOST) return undefined;
  const size = [height, width, ...(channels > 1 ? [channels] : [])].join(" x ");
  const text = `The z-maps of ${name} are left out: its frames of ${size} values are larger than the limit of 64 x 64.`;
  return { session: name, text };
}

/**
 * Computes the z-maps of some units of a session.
 *
 * @param frames the bins whose spikes count
 * @param cids the units
 */
export function zMapsOf(
  session: PreparedSession,
  frames: Int32Array,
  cids: readonly number[],
): ZMapPicture[] {
  const { name, height, width, channels, lags, robs, samplingRate } = session;
  const columns = cids.map((cid) => session.cids.indexOf(cid));
  const weights = Float32Array.from({ length: frames.length * columns.length }, (_, i) => {
    const [frame, unit] = [frames[Math.floor(i / columns.length)]!, columns[i % columns.length]!];
    return counts(session, frame, unit) ? robs[frame * session.cids.length + unit]! : 0;
  });
  const pixels = frameLength(session);
  const stim = bytesOf(moviePixels(session));
  const maps = whitenedZMaps({ stim, pixels, frames, weights, units: columns.length, lags });
  const strongest = (all: Float32Array, unit: number): ZMap => {
    const own = all.subarray(unit * lags.length * pixels, (unit + 1) * lags.length * pixels);
    const peak = own.reduce((most, value, i) => (Math.abs(value) > Math.abs(own[most]!) ? i : most), 0);
    const first = Math.floor(peak / pixels) * pixels + (peak % channels);
    return {
      ms: (1000 * lags[Math.floor(peak / pixels)]!) / samplingRate,
      values: Array.from({ length: height * width }, (_, i) =>
        Number(own[first + i * channels]!.toPrecision(5)),
      ),
    };
  };
  return cids.map((cid, unit) => ({
    session: name,
    cid,
    height,
    width,
    sta: strongest(maps.sta, unit),
    ste: strongest(maps.ste, unit),
  }));
}

/** Returns bytes unchanged, and scales other movies to 0..255, the range for which the ridge of the whitening is meant. */
function bytesOf(stim: Uint8Array | Float32Array): Uint8Array | Float32Array {
  if (stim instanceof Uint8Array) return stim;
  const [low, high] = extremes(stim);
  return stim.map((value) => (255 * (value - low)) / (high - low || 1));
}
