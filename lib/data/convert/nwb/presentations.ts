import { medianStep } from "../../ops";
import type { NwbFile } from "./nwb-file";
import { GRAY, type ImageStack, type Shown } from "./shown";
import { type Column, readColumn, readTimes, valuesIn } from "./table";

/** The columns of clips: the number of the first frame of each row, and the one after the last. */
export const CLIP_START = "start_idx";
const CLIP_STOP = "stop_idx";
/** The names of presentations of a gray screen in place of an image. */
const GRAY_NAMES = ["omitted", "blank", "gray", "grey"];

/** A table whose rows present the images of one template. */
export interface ImageTable {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly template: string;
  /** The template of each row. */
  readonly rows: readonly string[];
  /** The templates that are not converted. */
  readonly others: readonly string[];
  readonly openStack: () => Promise<ImageStack>;
}

/**
 * Opens a table as a stimulus, in the order of time.
 *
 * @throws ConfigError when no row shows an image, or the times of rows overlap
 */
export async function openTable(
  nwb: NwbFile,
  { name, table, column, template, rows, others, openStack }: ImageTable,
): Promise<Shown> {
  const images = await openStack();
  const values = await readColumn(nwb, table, column);
  if (!values) throw nwb.fail(`${table}/${column}`, "must be a number or a name for each row");
  const { starts, stops } = await readTimes(nwb, table);
  const index = imagesOf(images, values);
  const used = rows.flatMap((row, i) => (row === template && index[i] !== undefined ? [i] : []));
  used.sort((a, b) => starts[a]! - starts[b]!);
  if (used.length === 0)
    throw nwb.fail(
      `${table}/${column}`,
      `names no image of ${images.at}, which has ${describe(images)}; it has ${valuesIn(values)}`,
    );
  const bad = used.find(
    (row, i) =>
      !(starts[row]! > (i > 0 ? starts[used[i - 1]!]! : -Infinity)) || !(stops[row]! > starts[row]!),
  );
  if (bad !== undefined)
    throw nwb.fail(
      table,
      `has the times ${starts[bad]} to ${stops[bad]} in row ${bad}; presentations must begin one after another and end after they begin`,
    );
  const shown = used.map((row) => ({ image: index[row]!, start: starts[row]!, stop: stops[row]!, row }));
  const frames = await withClips(nwb, table, column, shown, images);
  const begins = Float64Array.from(frames, ({ start }) => start);
  return {
    name,
    images,
    starts: begins,
    period: medianStep(begins),
    stops: Float64Array.from(frames, ({ stop }) => stop),
    index: Int32Array.from(frames, ({ image }) => image),
    leftOut: rowsLeftOut({ table, rows, template, others }, index, values),
  };
}

interface Presentation {
  readonly image: number;
  readonly start: number;
  readonly stop: number;
  readonly row: number;
}

/**
 * Replaces rows that show a clip by its frames, which share the time of the row equally. Such a table has the columns `start_idx` and
 * `stop_idx`, the number of the first frame and the one after the last.
 *
 * @throws ConfigError when a clip is not in the images
 */
async function withClips(
  nwb: NwbFile,
  table: string,
  column: string,
  rows: readonly Presentation[],
  { at, count }: ImageStack,
): Promise<readonly Presentation[]> {
  const ends =
    column === CLIP_START && nwb.array(`${table}/${CLIP_STOP}`)
      ? (await nwb.numbers(`${table}/${CLIP_STOP}`, "the frame after the last one of each row")).values
      : undefined;
  if (!ends) return rows;
  return rows.flatMap(({ image, start, stop, row }) => {
    const frames = ends[row]! - image;
    if (!(frames >= 1 && ends[row]! <= count))
      throw nwb.fail(
        `${table}/${CLIP_STOP}`,
        `is ${ends[row]} in row ${row}, but must be over its ${CLIP_START}, ${image}, and at most ${count}, the number of images of ${at}`,
      );
    const time = (stop - start) / frames;
    return Array.from({ length: frames }, (_, i) => ({
      image: image + i,
      row,
      start: start + i * time,
      stop: start + (i + 1) * time,
    }));
  });
}

const describe = ({ count, labels }: ImageStack) =>
  labels ? `${count} images: ${labels.slice(0, 10).join(", ")}` : `${count} images, numbered from 0`;

/** Returns the number of the image of each row, `GRAY` where the screen was gray, and undefined where the row shows no image of the stack. */
function imagesOf({ count, labels }: ImageStack, values: Column): (number | undefined)[] {
  return Array.from<string | number, number | undefined>(values, (value) => {
    const label = labels?.indexOf(String(value)) ?? -1;
    if (label >= 0) return label;
    if (GRAY_NAMES.includes(String(value).toLowerCase())) return GRAY;
    const number = value === "" ? Number.NaN : Number(value);
    if (number < 0) return GRAY;
    return Number.isInteger(number) && number < count ? number : undefined;
  });
}

const rowsInWords = (count: number) => `${count} ${count === 1 ? "row" : "rows"}`;

function rowsLeftOut(
  { table, rows, template, others: names }: Pick<ImageTable, "table" | "rows" | "template" | "others">,
  index: readonly (number | undefined)[],
  values: Column,
): string[] {
  const others = rows.filter((row) => row !== template && (row === "" || names.includes(row))).length;
  const without = Array.from<string | number>(values).filter(
    (_, i) => rows[i] === template && index[i] === undefined,
  );
  return [
    ...(others > 0 ? [`${table}: ${rowsInWords(others)} of other stimuli`] : []),
    ...(without.length > 0
      ? [
          `${table}: ${rowsInWords(without.length)} without an image of the template: ${valuesIn(without as Column)}`,
        ]
      : []),
  ];
}
