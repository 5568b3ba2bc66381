import { writeInt, writeMessage } from "../../engine/protobuf";

/**
 * Messages of a `.wandb` file, each a `Record` of
 * https://github.com/wandb/wandb/blob/v0.16.6/wandb/proto/wandb_internal.proto; the numbers are those of its fields.
 */
export interface RunStart {
  id: string;
  project: string;
  /** Shown instead of the id. */
  name: string;
  tags: readonly string[];
  config: readonly Entry[];
  host: string;
  /** In seconds since 1970. */
  started: number;
  /** The first step of this file. */
  step: number;
  resumed: boolean;
}

/** A name and what stands under it as JSON. */
export type Entry = readonly [name: string, value: unknown];

/** Says which program wrote the file, and the oldest wandb that reads it. */
export const headerRecord = (producer: string, oldestReader: string): Buffer =>
  writeMessage(21, writeMessage(1, text(1, producer), text(2, oldestReader)));

export function runRecord(run: RunStart): Buffer {
  const seconds = Math.floor(run.started);
  const nanoseconds = Math.round((run.started - seconds) * 1e9);
  return writeMessage(
    17,
    text(1, run.id),
    text(3, run.project),
    writeMessage(4, ...entries(run.config)),
    text(8, run.name),
    ...run.tags.map((tag) => text(10, tag)),
    text(13, run.host),
    writeInt(14, run.step),
    writeMessage(17, writeInt(1, seconds), writeInt(2, nanoseconds)),
    writeInt(18, run.resumed),
  );
}

/** A row of the run's history. */
export const historyRecord = (step: number, row: readonly Entry[]): Buffer =>
  writeMessage(2, ...entries(row), writeMessage(2, writeInt(1, step)));

/** The last value of each number. */
export const summaryRecord = (values: readonly Entry[]): Buffer => writeMessage(3, ...entries(values));

/** @param seconds that the run took */
export const exitRecord = (code: number, seconds: number): Buffer =>
  writeMessage(18, writeInt(1, code), writeInt(2, Math.round(seconds)));

const entries = (list: readonly Entry[]): Buffer[] =>
  list.map(([name, value]) => writeMessage(1, text(1, name), text(16, JSON.stringify(value))));

const text = (number: number, value: string) => writeMessage(number, Buffer.from(value));
