import { extremes } from "../base/dsp/extremes";
import { decodeMovie, frameLength, grayFrame, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import { Figure } from "./figure";
import type { Panel } from "./panel";

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
  /** Spike counts, or other responses, `[frames, units]`. */
  robs: ArrayLike<number>;
  /** The kind of the responses: those other than `counts` are drawn as an image. Default `counts`. */
  responses?: string;
  cids: readonly number[];
  /** Frames per second. */
  samplingRate: number;
}

/**
 * Draws three frames of the stimulus, and the spikes or other responses of all units around them.
 *
 * @param first the first frame shown
 * @param frames the number of frames of responses. Default 2 seconds.
 */
export function sessionFigure(
  session: SessionView,
  first: number,
  frames = 2 * session.samplingRate,
): Figure {
  const { name, stim, stimDtype = "uint8", height, width, channels, cids, samplingRate } = session;
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
  const [panel, shows] =
    (session.responses ?? "counts") === "counts"
      ? spikePanel(session, first, frames)
      : responsePanel(session, first, frames);
  const text = `${name}: ${shows} of ${cids.length} units in ${(frames / samplingRate).toFixed(1)} s`;
  return new Figure([...images.slice(0, 2), panel], text);
}

/** Draws a tick for each frame with spikes. @returns the panel and its description */
function spikePanel(
  { robs, cids, samplingRate }: SessionView,
  first: number,
  frames: number,
): [Panel, string] {
  const [x, y]: [number[], number[]] = [[], []];
  for (let t = 0; t < frames; t++) {
    for (let u = 0; u < cids.length; u++) {
      if (!(robs[(first + t) * cids.length + u]! > 0)) continue;
      x.push(t / samplingRate);
      y.push(u);
    }
  }
  const raster: Panel = {
    title: "spikes",
    x: { label: "time (s)" },
    y: { label: "unit" },
    marks: [{ kind: "points", symbol: "tick", name: "", x, y, color: "#222" }],
  };
  return [raster, `${x.length} bins with spikes`];
}

/** Draws responses as an image with a row for each unit, which has its own scale from black to white. @returns the panel and its description */
function responsePanel({ robs, cids }: SessionView, first: number, frames: number): [Panel, string] {
  const units = cids.length;
  const rows = cids.map((_, unit) => {
    const own = Float32Array.from({ length: frames }, (_, t) => robs[(first + t) * units + unit]!);
    const [least, most] = extremes(own);
    return own.map((value) => (value - least) / (most - least || 1));
  });
  const values = Float32Array.from(rows.flatMap((row) => [...row]));
  const image: Panel = {
    title: "responses",
    x: { label: "frame" },
    y: { label: "unit" },
    marks: [{ kind: "image", palette: "gray", values, width: frames, height: units, range: [0, 1] }],
  };
  return [image, "responses"];
}
