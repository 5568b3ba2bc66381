import { basename, dirname, extname, resolve } from "node:path";
import type { TwinView } from "../twin/stimulus";
import type { Twin, TwinSession } from "../twin/twin";
import { receptiveFields } from "./gradients";
import { observe } from "./observer";
import { naturalWindows } from "./windows";

/** The place of a unit's receptive field on the stimulus, in pixels from 0. */
export interface UnitPosition {
  readonly y: number;
  readonly x: number;
}

/** The facts of a twin that a page shows, as JSON. */
export interface TwinFacts {
  readonly name: string;
  readonly sessions: readonly TwinSession[];
  readonly view: Omit<TwinView, "transform">;
  /** One for each unit of all sessions. */
  readonly positions: readonly UnitPosition[];
}

/**
 * Returns the facts of a twin.
 *
 * @throws ConfigError for a twin that sees several channels
 */
export async function factsOf(twin: Twin): Promise<TwinFacts> {
  const { transform: _, ...view } = twin.view;
  return { name: nameOf(twin.path), sessions: twin.sessions, view, positions: await positionsOf(twin) };
}

/** Returns the name of a run: that of its folder, also for one of its checkpoints. */
function nameOf(path: string): string {
  if (extname(path) !== ".safetensors") return basename(path);
  const folder = dirname(resolve(path));
  return basename(folder) === "checkpoints" ? basename(dirname(folder)) : basename(path, ".safetensors");
}

/** The number of natural pictures from which receptive fields are computed. */
const PICTURES = 10;

/** Returns the units' positions by their readouts, or else by their gradients. */
async function positionsOf(twin: Twin): Promise<UnitPosition[]> {
  const observer = observe(twin);
  const places = twin.model.readoutPositions();
  if (places.length > 0) return places.map(({ stimulusY: y, stimulusX: x }) => ({ y, x }));
  const { height, width, pixelsPerDegree = 1 } = twin.view;
  const view = { ...twin.view, pixelsPerDegree };
  const { centres } = await receptiveFields({ ...observer, view }, naturalWindows(view, PICTURES));
  return centres.map(({ x, y }) => ({
    y: (height - 1) / 2 - y * pixelsPerDegree,
    x: (width - 1) / 2 + x * pixelsPerDegree,
  }));
}
