import type { NwbFile } from "./nwb-file";
import { isNumeric } from "./source";

/** A series of the file that is interpolated to frames. */
export interface Series {
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
  {
    name: "running_speed",
    matches: /(run|wheel|treadmill|locomotion|ball|speed).*(speed|velocity)[^/]*\/data$|\/speed\/data$/i,
    width: 1,
  },
  { name: "pupil_area", matches: /pupil.*area$|pupil[^/]*area[^/]*\/data$/i, width: 1 },
  { name: "pupil_diameter", matches: /pupil.*(diameter|radius|size)[^/]*\/data$/i, width: 1 },
  { name: "pupil_position", matches: /pupil[^/]*\/data$/i, width: 2 },
];
/** Series that are intermediate results. */
const UNPROCESSED = /raw|unfiltered/i;
/** Series with more columns are not behaviour. */
const WIDEST = 8;

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
export function recognised(nwb: NwbFile): [string, Series][] {
  const series = allSeries(nwb).filter(({ values }) => !UNPROCESSED.test(values));
  return KINDS.flatMap<[string, Series]>(({ name, matches, width }) => {
    const found = series.find((one) => matches.test(one.values) && one.width === width);
    return found ? [[name, found]] : [];
  });
}

export function named(nwb: NwbFile, covariates: readonly string[]): [string, Series][] {
  return covariates.map((text) => {
    const [name, path] = text.split("=");
    if (name && path) return [name, seriesAt(nwb, "--covariates", path)];
    throw nwb.fail(
      "--covariates",
      `must be name=path, such as lick=processing/behavior/licking; found "${text}"`,
    );
  });
}

/** Returns the series of a path. @throws ConfigError that lists the series */
export function seriesAt(nwb: NwbFile, option: string, path: string): Series {
  const all = allSeries(nwb);
  const found = all.find(({ at, values }) => at === path || values === path || at.endsWith(`/${path}`));
  if (found) return found;
  const list = all.map(({ at }) => at).join(", ");
  throw nwb.fail(option, `the file has no series ${path} with a clock; it has ${list || "none"}`);
}

/** Returns the only series of gaze in degrees. */
export function gazeOf(nwb: NwbFile): Series | undefined {
  const found = allSeries(nwb).filter(
    ({ at, values, width }) =>
      width === 2 &&
      /eye|gaze/i.test(at) &&
      !/pupil/i.test(at) &&
      /^deg/i.test(String(nwb.get(values)?.attributes.unit)),
  );
  return found.length === 1 ? found[0] : undefined;
}
