import { ConfigError } from "../../../base/config";
import { interpolatedAt } from "../../in-frames";
import type { OtherCovariate, Recording } from "../../session";
import { gapsNote } from "../importer";
import type { NwbFile } from "./nwb-file";
import { gazeOf, named, recognised, type Series, seriesAt } from "./series";

/** Behaviour at the frames of a recording. */
export interface Behaviour extends Pick<Recording, "eyepos" | "dpiValid" | "others"> {
  readonly taken: readonly string[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
}

/** The options for behaviour. */
export interface BehaviourOptions {
  /** The path of the series of gaze in degrees. Default: the only one in an `EyeTracking` container. */
  readonly eye: string | undefined;
  /** Further series, as `name=path`. */
  readonly covariates: readonly string[];
}

/**
 * Interpolates behaviour to frames: running speed, the pupil's area, diameter and position, gaze, and named series.
 *
 * Values are linear between the samples before and after a frame. A frame in a gap of the samples (NaN, or a pause of five sample intervals),
 * or outside of them, is marked as invalid in the covariate `NAME_valid`, and for gaze in `dpi_valid`.
 *
 * @param times the middles of the frames in seconds
 */
export async function behaviourOf(
  nwb: NwbFile,
  times: Float64Array,
  { eye, covariates }: BehaviourOptions,
): Promise<Behaviour> {
  const others: Record<string, OtherCovariate> = {};
  const taken: string[] = [];
  const leftOut: string[] = [];
  const add = async (name: string, series: Series) => {
    const { values, valid } = await interpolated(nwb, series, times);
    others[name] = { shape: [times.length, series.width], values, whole: false };
    if (valid.includes(0)) others[`${name}_valid`] = { shape: [times.length], values: valid, whole: false };
    taken.push(`${name}: ${series.values}, interpolated to frames${gapsNote(valid, `${name}_valid`)}`);
  };
  // A series that nobody asked for is left out if its clock is invalid.
  for (const [name, series] of recognised(nwb))
    await add(name, series).catch((error: unknown) => {
      if (!(error instanceof ConfigError)) throw error;
      leftOut.push(...error.problems.map(({ path, message }) => `${name}: ${path} ${message}`));
    });
  for (const [name, series] of named(nwb, covariates)) await add(name, series);
  const gaze = eye ? seriesAt(nwb, "--eye", eye) : gazeOf(nwb);
  if (!gaze) {
    const still = {
      eyepos: new Float32Array(2 * times.length),
      dpiValid: new Float32Array(times.length).fill(1),
    };
    return {
      ...still,
      others,
      taken,
      assumed: ["eyepos: 0, the centre", "dpi_valid: 1, always valid"],
      leftOut,
    };
  }
  if (gaze.width !== 2) throw nwb.fail(gaze.values, "must be gaze [samples, 2] in degrees, as (x, y)");
  const { values, valid } = await interpolated(nwb, gaze, times);
  taken.push(`eyepos: ${gaze.values}, interpolated to frames${gapsNote(valid, "dpi_valid")}`);
  return { eyepos: values, dpiValid: valid, others, taken, assumed: [], leftOut };
}

/** Interpolates a series at some times, and marks those between valid samples without a gap. */
async function interpolated(
  nwb: NwbFile,
  { at, values: path, width }: Series,
  times: Float64Array,
): Promise<{ values: Float32Array; valid: Float32Array }> {
  const { values: all } = await nwb.numbers(path, "the values of the series");
  const { starts } = await nwb.clockOf(at, all.length / width);
  const { factor, offset } = nwb.scaleOf(path);
  const seen = await withoutBlinks(nwb, at, all, width);
  const { values, valid } = interpolatedAt({ starts, values: seen, width }, times);
  const isPlain = factor === 1 && offset === 0;
  return { values: isPlain ? values : values.map((value) => value * factor + offset), valid };
}

/** The series that the Allen Institute stores beside the ellipses of an eye: whether the eye was closed at each sample. */
const BLINKS = "likely_blink/data";

/** Replaces the samples during blinks by NaN. */
async function withoutBlinks(
  nwb: NwbFile,
  series: string,
  values: ArrayLike<number>,
  width: number,
): Promise<ArrayLike<number>> {
  const at = `${series.slice(0, series.lastIndexOf("/"))}/${BLINKS}`;
  if (nwb.array(at)?.shape[0] !== values.length / width) return values;
  const closed = (await nwb.numbers(at, "whether the eye was closed at each sample")).values;
  return Float64Array.from(values, (value, i) => (closed[Math.floor(i / width)] ? Number.NaN : value));
}
