import { z } from "zod";
import {
  type ImportOptions,
  type ImportValues,
  PIXELS_PER_DEGREE,
  positiveNumber,
  RESPONSE_KIND,
  text,
  wordList,
} from "../importer";

const FRAME_SIZE = { error: "must be rows and columns, such as 36x64" };
const frameSize = z
  .string()
  .regex(/^[1-9]\d*x[1-9]\d*$/, FRAME_SIZE)
  .transform((words) => words.split("x").map(Number))
  .transform(([height, width]) => ({ height: height!, width: width! }));

/** The schema of two numbers in increasing order, separated by a comma. */
const numberPair = (error: string) =>
  z
    .string()
    .regex(/^[^,]+,[^,]+$/, { error })
    .transform((words) => words.split(",").map(Number) as [number, number])
    .refine(([from, to]) => from < to, { error });

/** The options of `gradbook convert` for NWB files. */
export const NWB_OPTIONS = {
  pixels_per_degree: PIXELS_PER_DEGREE,
  kind: RESPONSE_KIND,
  stimulus: {
    schema: wordList.optional(),
    value: "names",
    help: "the stimuli to convert, separated by commas: series of stimulus/presentation, or interval tables that name images of stimulus/templates (default: the only one)",
  },
  image_column: {
    schema: text.optional(),
    value: "name",
    help: "the column of an interval table with the number or name of each image (default: image_index, frame, image_name and similar names)",
  },
  images: {
    schema: text.optional(),
    value: "file.npy",
    help: "the images that interval tables name, [images, height, width], where the file itself lacks them",
  },
  sampling_rate: {
    schema: positiveNumber.optional(),
    value: "hz",
    help: "frames per second: each frame shows what is on the screen, gray between presentations (default: each presentation is one frame)",
  },
  frame_size: {
    schema: frameSize.optional(),
    value: "rowsxcolumns",
    help: "scale frames to this size by the mean over areas, such as 36x64 (default: as they are)",
  },
  pixel_range: {
    schema: numberPair("must be two numbers, the values of black and white, such as 0,1").optional(),
    value: "low,high",
    help: "the pixel values of black and white (default: 0,255 for whole numbers in this range, else the images' own range)",
  },
  background: {
    schema: z.string().default("127").transform(Number).pipe(z.int().min(0).max(255)),
    value: "byte",
    help: "the byte of gray frames and of pixels that are NaN (default: 127)",
  },
  color: {
    schema: z.boolean().default(false),
    help: "keep the colors of images as three channels (default: their luminance)",
  },
  responses: {
    schema: wordList.optional(),
    value: "paths",
    help: "the responses: units, or the path of a RoiResponseSeries or of any series [time, units] (default: units, else the only series, else dF/F)",
  },
  quality: {
    schema: text.optional(),
    value: "value",
    help: "keep units whose column quality has this value, such as good; the same as --where quality=VALUE",
  },
  where: {
    schema: wordList.default([]),
    value: "conditions",
    help: 'keep units that meet conditions on columns of their table, such as "quality=good|mua,snr>=2"',
  },
  window: {
    schema: numberPair("must be two times in seconds, such as 0.05,0.15").optional(),
    value: "from,to",
    help: "measure responses in this time after the onset of a frame, in seconds, such as 0.05,0.15 (default: while the frame is shown)",
  },
  trials: {
    schema: text.optional(),
    value: "table",
    help: "the interval table of the trials, such as stimulus_presentations (default: intervals/trials)",
  },
  block: {
    schema: positiveNumber.default(10),
    value: "seconds",
    help: "without trials, cut the recording into blocks of this length (default: 10)",
  },
  eye: {
    schema: text.optional(),
    value: "path",
    help: "the series of gaze in degrees, such as processing/behavior/EyeTracking/eye (default: the only one in degrees)",
  },
  covariates: {
    schema: wordList.default([]),
    value: "name=path,...",
    help: "further series to interpolate to frames (running speed and the pupil's area, diameter and position are found by their names)",
  },
} as const satisfies ImportOptions;

/** The checked values of the options. */
export type NwbValues = ImportValues<typeof NWB_OPTIONS>;
