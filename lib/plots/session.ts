import { decodeMovie, frameLength, grayFrame, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import { Figure } from "./figure";

/** The parts of a session that are drawn; a prepared session has all of them. */
export interface SessionView {
  name: string;
  /** `[frames, height, width, channels]`, stored as `stimDtype`. */
  stim: MovieValues;
  /** Default `uint8`. */
  stimDtype?: MovieDtype;
  height: number;
  width: number;
  /** The number of channels of the stimulus; several are drawn as their mean. Default 1. */
  channels?: number;
  /** Spike counts `[frames, units]`. */
  robs: Float32Array;
  cids: readonly number[];
  /** Frames per second. */
  samplingRate: number;
}

/**
 * Draws three frames of the stimulus, and the spikes of all units around them.
 *
 * @param first the first frame shown
 * @param frames the number of frames of spikes. Default 2 seconds.
 */
export function sessionFigure(
  session: SessionView,
  first: number,
  frames = 2 * session.samplingRate,
): Figure {
  const { name, stim, stimDtype = "uint8", height, width, channels, robs, cids, samplingRate } = session;
  const length = frameLength(session);
  const shown = [0, 1 / 3, 2 / 3].map((share) => first + Math.round(share * frames));
  const images = shown.map((frame) => ({
    title: `${name}, ${((frame - first) / samplingRate).toFixed(2)} s`,
    x: { label: "pixel" },
    y: { label: "pixel", reverse: true },
    equal: true,
    marks: [
      {
        kind: "image" as const,
        palette: "gray" as const,
        values: grayFrame(
          decodeMovie(stimDtype, stim.subarray(frame * length, (frame + 1) * length)),
          channels,
        ),
        width,
        height,
        ...(stimDtype === "uint8" ? { range: [0, 255] as [number, number] } : {}),
      },
    ],
  }));
  const [x, y]: [number[], number[]] = [[], []];
  for (let t = 0; t < frames; t++) {
    for (let u = 0; u < cids.length; u++) {
      if (!(robs[(first + t) * cids.length + u]! > 0)) continue;
      x.push(t / samplingRate);
      y.push(u);
    }
  }
  const raster = {
    title: "spikes",
    x: { label: "time (s)" },
    y: { label: "unit" },
    marks: [{ kind: "points" as const, symbol: "tick" as const, name: "", x, y, color: "#222" }],
  };
  const text = `${name}: ${x.length} bins with spikes of ${cids.length} units in ${(frames / samplingRate).toFixed(1)} s`;
  return new Figure([...images.slice(0, 2), raster], text);
}
