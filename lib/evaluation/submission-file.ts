import { renameSync, rmSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { writeAtomically } from "../base/files/atomic";
import { toCsv } from "../base/files/csv";

/** The prediction of one trial. */
export interface PredictedTrial {
  /** The name of the recording's folder. */
  readonly mouse: string;
  /** The number of the trial's file, and the trial's own number. */
  readonly trial: number;
  readonly number: number;
  readonly imageId: number;
  /** The predicted responses, `[frames, units]`. */
  readonly rates: Float32Array;
  readonly cids: readonly number[];
}

/** A file that receives predictions trial by trial. It appears when it is closed. */
export interface PredictionFile {
  add(trial: PredictedTrial): void;
  close(): void;
  /** Removes what was written, unless the file is closed. */
  discard(): void;
}

/** Makes a CSV file of images. Lists are written as in Python. */
export function csvFile(path: string): PredictionFile {
  const rows: (string | number)[][] = [["trial_indices", "image_ids", "prediction", "neuron_ids"]];
  return {
    add({ number, imageId, rates, cids }) {
      rows.push([number, imageId, listed(rates), listed(cids)]);
    },
    close: () => writeAtomically(path, [toCsv(rows)]),
    discard() {},
  };
}

/** Writes numbers as a list of Python. Rates have the precision of float32. */
const listed = (values: ArrayLike<number>) =>
  `[${Array.from(values, (value) => Number(value.toPrecision(8))).join(", ")}]`;

/** A column of lists in the schema of Parquet. */
const list = <Element>(name: string, element: readonly Element[]) => [
  { name, repetition_type: "OPTIONAL" as const, converted_type: "LIST" as const, num_children: 1 },
  { name: "list", repetition_type: "REPEATED" as const, num_children: 1 },
  ...element,
];
const element = (type: "FLOAT" | "INT64") => ({
  name: "element",
  type,
  repetition_type: "OPTIONAL" as const,
});

const SCHEMA = [
  { name: "root", num_children: 4 },
  { name: "mouse", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" } as const,
  { name: "trial_indices", type: "INT64", repetition_type: "REQUIRED" } as const,
  ...list("prediction", list("element", [element("FLOAT")])),
  ...list("neuron_ids", [element("INT64")]),
];

/** Predictions of neighbouring frames differ, so that a higher quality takes long and saves little. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** Makes a Parquet file of videos, compressed by Brotli, with a row group for each trial. */
export async function parquetFile(path: string): Promise<PredictionFile> {
  const { fileWriter, ParquetWriter } = await import("hyparquet-writer");
  const beside = `${path}.${process.pid}.tmp`;
  const writer = new ParquetWriter({
    writer: fileWriter(beside),
    schema: SCHEMA,
    codec: "BROTLI",
    compressors: { BROTLI: (bytes) => brotliCompressSync(bytes, QUALITY) },
    createdBy: "gradbook",
  });
  return {
    add({ mouse, trial, rates, cids }) {
      const units = cids.length;
      const frames = rates.length / units;
      const ofUnit = (unit: number) => Array.from({ length: frames }, (_, t) => rates[t * units + unit]!);
      writer.write({
        columnData: [
          { name: "mouse", data: [mouse] },
          { name: "trial_indices", data: [BigInt(trial)] },
          { name: "prediction", data: [cids.map((_, unit) => ofUnit(unit))] },
          { name: "neuron_ids", data: [cids.map(BigInt)] },
        ],
      });
    },
    close() {
      writer.finish();
      renameSync(beside, path);
    },
    discard: () => rmSync(beside, { force: true }),
  };
}
