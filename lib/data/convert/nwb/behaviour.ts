import { ConfigError } from "../../../base/config";
import { interpolatedAt } from "../../in-frames";
import type { OtherCovariate, Recording } from "../../session";
import type { NwbFile } from "./nwb-file";
import { isNumeric } from "./source";

/** A series of the file that is interpolated to frames. */
interface Series {
  readonly at: string;
  /** The path of the values, such as `AT/data`. */
  readonly values: string;
  readonly width: number;
}

/** A covariate that is recognised by the path of its series. */
interface Kind {
  readonly name: string;
  readonly matches: RegExp;
  readonly width: number;
}

/** The covariates that are taken without a request. */
const KINDS: readonly Kind[] = [
  { name: "running_speed", matches: /(run|wheel|treadmill|locomotion|ball|speed).*(speed|velocity)[^/]*\/data$|\/speed\/data$/i, width: 1 }, // biome-ignore format: one kind
  { name: "pupil_area", matches: /pupil.*area$|pupil[^/]*area[^/]*\/data$/i, width: 1 },
  { name: "pupil_diameter", matches: /pupil.*(diameter|radius|size)[^/]*\/data$/i, width: 1 },
  { name: "pupil_position", matches: /pupil[^/]*\/data$/i, width: 2 },
];
/** Series that are intermediate results. */
const UNPROCESSED = /raw|unfiltered/i;
/** Series with more columns are not behaviour. */
const WIDEST = 8;

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
    const lost = valid.filter((x) => x === 0).length;
    others[name] = { shape: [times.length, series.width], values, whole: false };
    if (lost > 0) others[`${name}_valid`] = { shape: [times.length], values: valid, whole: false };
    taken.push(
      `${name}: ${series.values}, interpolated to frames${lostNote(lost, times.length, `${name}_valid`)}`,
    );
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
  const lost = valid.filter((x) => x === 0).length;
  taken.push(`eyepos: ${gaze.values}, interpolated to frames${lostNote(lost, times.length, "dpi_valid")}`);
  return { eyepos: values, dpiValid: valid, others, taken, assumed: [], leftOut };
}

const lostNote = (lost: number, frames: number, mask: string) =>
  lost > 0 ? `; ${((100 * lost) / frames).toPrecision(2)} % of them are in gaps (${mask} is 0)` : "";

/** Returns all series of numbers with a clock. */
function allSeries(nwb: NwbFile): Series[] {
  const groups = ["processing", "acquisition"].flatMap((top) => nwb.groupsBelow(top));
  return groups
    .filter((at) => nwb.get(`${at}/timestamps`) ?? nwb.get(`${at}/starting_time`))
    .flatMap((at) => ["data", "area"].flatMap((name) => seriesIn(nwb, at, `${at}/${name}`)));
}

function seriesIn(nwb: NwbFile, at: string, values: string): Series[] {
  const array = nwb.array(values);
  if (!array || !isNumeric(array.type)) return [];
  const width = array.shape.length === 1 ? 1 : array.shape.length === 2 ? array.shape[1]! : Infinity;
  return width <= WIDEST && array.shape[0]! > 1 ? [{ at, values, width }] : [];
}

/** Returns the first series of each known kind. */
function recognised(nwb: NwbFile): [string, Series][] {
  const series = allSeries(nwb).filter(({ values }) => !UNPROCESSED.test(values));
  return KINDS.flatMap<[string, Series]>(({ name, matches, width }) => {
    const found = series.find((one) => matches.test(one.values) && one.width === width);
    return found ? [[name, found]] : [];
  });
}

function named(nwb: NwbFile, covariates: readonly string[]): [string, Series][] {
  return covariates.map((text) => {
    const [name, path] = text.split("=");
    if (name && path) return [name, seriesAt(nwb, "--covariates", path)];
    throw nwb.fail("--covariates", `must be name=path, such as lick=processing/behavior/licking; found "${text}"`); // biome-ignore format: one line
  });
}

/** Returns the series of a path. @throws ConfigError that lists the series */
function seriesAt(nwb: NwbFile, option: string, path: string): Series {
  const all = allSeries(nwb);
  const found = all.find(({ at, values }) => at === path || values === path || at.endsWith(`/${path}`));
  if (found) return found;
  const list = all.map(({ at }) => at).join(", ");
  throw nwb.fail(option, `the file has no series ${path} with a clock; it has ${list || "none"}`);
}

/** Returns the only series of gaze in degrees. */
function gazeOf(nwb: NwbFile): Series | undefined {
  const found = allSeries(nwb).filter(
    ({ at, values, width }) =>
      width === 2 && /eye|gaze/i.test(at) && !/pupil/i.test(at) && /^deg/i.test(String(nwb.get(values)?.attributes.unit)), // biome-ignore format: one line
  );
  return found.length === 1 ? found[0] : undefined;
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
  const { values, valid } = interpolatedAt({ starts, values: all, width }, times);
  const isPlain = factor === 1 && offset === 0;
  return { values: isPlain ? values : values.map((value) => value * factor + offset), valid };
}
