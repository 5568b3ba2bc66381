import type { ConfigError } from "../../../base/config";
import { type ImageChoice, tablesOfImages } from "./image-tables";
import { isExternal, openImages } from "./images";
import type { NwbFile } from "./nwb-file";
import { type Candidate, GRAY, type Shown } from "./shown";

const PRESENTATION = "stimulus/presentation";

/** Raw images of a microscope, which are no stimulus. */
const IMAGING = /^(One|Two)PhotonSeries$/;

/**
 * Opens the stimuli that become stimulus types of the session: the named ones, or the only one of `stimulus/presentation`, or else the only
 * one of the interval tables.
 *
 * @param choice the images of interval tables
 * @throws ConfigError that lists the stimuli when there is no choice, or an unknown one
 */
export async function openStimuli(
  nwb: NwbFile,
  wanted: readonly string[] | undefined,
  choice: ImageChoice,
): Promise<Shown[]> {
  const presented = nwb
    .keys(PRESENTATION)
    .flatMap((name) => candidateAt(nwb, name, `${PRESENTATION}/${name}`));
  const tables = await tablesOfImages(nwb, choice);
  const all = [...presented, ...tables, ...seriesElsewhere(nwb)];
  const list = all.map(({ name, description }) => `${name} (${description})`).join(", ");
  const standard = presented.length > 0 && !choice.file ? presented : tables;
  if (!wanted && standard.length !== 1) throw noChoice(nwb, standard.length, list);
  const chosen = wanted?.map((name) => all.find((candidate) => candidate.name === name)) ?? standard;
  const unknown = wanted?.[chosen.indexOf(undefined)];
  if (unknown) throw nwb.fail("--stimulus", `the file has no stimulus ${unknown}; it has ${list || "none"}`);
  const shown: Shown[] = [];
  const names = chosen.map((candidate) => candidate!.name);
  for (const candidate of chosen) shown.push(await candidate!.open(names));
  return shown;
}

function noChoice(nwb: NwbFile, count: number, list: string): ConfigError {
  if (count > 1)
    return nwb.fail(
      "--stimulus",
      `the file has several stimuli; name those to convert, separated by commas: ${list}`,
    );
  const there = [PRESENTATION, "stimulus/templates", "intervals"].flatMap((group) =>
    nwb.keys(group).map((name) => `${group}/${name}`),
  );
  const hint = list
    ? `; --stimulus may name ${list}`
    : there.length > 0
      ? `; it has ${there.join(", ")}`
      : "";
  return nwb.fail(
    PRESENTATION,
    `has no frames: no image series is in ${PRESENTATION}, and no interval table names images of stimulus/templates${hint}. Give frames that the file lacks as an array by --images, if a column of an interval table (--image_column) numbers them`,
  );
}

/** Returns the image series outside of `stimulus/presentation`, by their paths. */
function seriesElsewhere(nwb: NwbFile): Candidate[] {
  const groups = ["acquisition", "processing", "analysis", "stimulus/templates"].flatMap((top) =>
    nwb.groupsBelow(top),
  );
  const timed = groups.filter(
    (at) =>
      (nwb.array(`${at}/timestamps`) ?? nwb.array(`${at}/starting_time`)) && !IMAGING.test(nwb.typeOf(at)),
  );
  return timed.flatMap((at) => candidateAt(nwb, at, at));
}

/** Returns the candidate of a series: of images, of numbers of images, or of external files; none for other series. */
function candidateAt(nwb: NwbFile, name: string, at: string): Candidate[] {
  const type = nwb.typeOf(at) || "series";
  const target = ["indexed_images", "indexed_timeseries"].find((link) => nwb.get(`${at}/${link}`));
  const shape = nwb.array(`${at}/data`)?.shape ?? [];
  const stimulus = name.split("/").at(-1)!;
  if (target)
    return [
      {
        name,
        description: `${type} over ${nwb.resolve(`${at}/${target}`)}`,
        open: async () => openIndex(nwb, stimulus, at, `${at}/${target}`),
      },
    ];
  const open = async () => openMovie(nwb, stimulus, at);
  if (isExternal(nwb, at)) return [{ name, description: `${type} of external files`, open }];
  return shape.length >= 3 ? [{ name, description: `${type} [${shape}]`, open }] : [];
}

/** Opens an image series whose images are frames. */
async function openMovie(nwb: NwbFile, name: string, at: string): Promise<Shown> {
  const images = await openImages(nwb, at);
  const index = Int32Array.from({ length: images.count }, (_, frame) => frame);
  return { name, images, index, leftOut: [], ...(await timesOf(nwb, at, images.count)) };
}

/** Opens a series of numbers of images. */
async function openIndex(nwb: NwbFile, name: string, at: string, target: string): Promise<Shown> {
  const images = await openImages(nwb, nwb.resolve(target));
  const { values } = await nwb.numbers(`${at}/data`, "the number of each image that was shown");
  const bad = Array.from(values).findIndex((value) => !isImage(value, images.count));
  if (bad >= 0)
    throw nwb.fail(
      `${at}/data`,
      `is ${values[bad]} at ${bad}, but ${images.at} has ${images.count} images, numbered from 0`,
    );
  const index = Int32Array.from(values, imageOf);
  return { name, images, index, leftOut: [], ...(await timesOf(nwb, at, index.length)) };
}

/** Whether a number is that of an image, or of a gray frame: a negative number or NaN. */
const isImage = (value: number, count: number) => !(value >= 0) || (Number.isInteger(value) && value < count);
const imageOf = (value: number) => (value >= 0 ? value : GRAY);

/** Reads the times of a series. A frame ends when the next one begins, at most 1.5 times the usual interval later. */
async function timesOf(
  nwb: NwbFile,
  at: string,
  frames: number,
): Promise<Pick<Shown, "starts" | "stops" | "period">> {
  const { starts, period } = await nwb.clockOf(at, frames);
  const stops = starts.map((start, t) => Math.min(starts[t + 1] ?? start + period, start + 1.5 * period));
  return { starts, stops, period };
}
