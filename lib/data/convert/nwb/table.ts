import { notOneOf } from "../../../base/config";
import type { NwbFile } from "./nwb-file";

/** The values of a column: one for each row. */
export type Column = ArrayLike<number> | readonly string[];

/** Returns the names of a table's columns, without indices of ragged columns. */
export function columnsOf(nwb: NwbFile, table: string): string[] {
  return nwb
    .keys(table)
    .filter((name) => nwb.array(`${table}/${name}`) && !name.endsWith("_index") && name !== "id");
}

/** Returns the number of rows of a table. @throws ConfigError when it has no ids */
export function rowsOf(nwb: NwbFile, table: string): number {
  const length = nwb.array(`${table}/id`)?.shape[0];
  if (length === undefined) throw nwb.fail(`${table}/id`, "is missing: the id of each row");
  return length;
}

/** Returns the paths of all tables with start and stop times. */
export function intervalTables(nwb: NwbFile): string[] {
  const groups = ["intervals", "processing", "analysis", "scratch"].flatMap((top) => nwb.groupsBelow(top));
  return groups.filter((group) => nwb.array(`${group}/start_time`) && nwb.array(`${group}/stop_time`));
}

/** Reads the start and the stop time of each row of an interval table, in seconds. */
export async function readTimes(
  nwb: NwbFile,
  table: string,
): Promise<{ starts: ArrayLike<number>; stops: ArrayLike<number> }> {
  const read = async (name: string) => (await nwb.numbers(`${table}/${name}`, "seconds for each row")).values;
  return { starts: await read("start_time"), stops: await read("stop_time") };
}

/** Reads a column with one value for each row: numbers, texts, or the paths of references; undefined for any other. */
export async function readColumn(nwb: NwbFile, table: string, name: string): Promise<Column | undefined> {
  const at = `${table}/${name}`;
  const array = nwb.array(at);
  if (array?.shape.length !== 1 || array.type === "other" || nwb.array(`${at}_index`)) return undefined;
  return (await nwb.texts(at)) ?? (await nwb.numbers(at, "a number for each row")).values;
}

/** Reads where each row of a ragged column ends in the values. */
export async function readEnds(nwb: NwbFile, table: string, name: string): Promise<ArrayLike<number>> {
  return (await nwb.numbers(`${table}/${name}_index`, "where the values of each row end")).values;
}

/** A condition on a column, such as `quality=good|mua` or `snr>=2`. */
interface Condition {
  readonly text: string;
  readonly column: string;
  readonly holds: (value: string | number) => boolean;
}

const OPERATORS = ["<=", ">=", "!=", "=", "<", ">"] as const;

/**
 * Chooses the rows of a table that meet all conditions.
 *
 * @param conditions texts such as `quality=good`, `quality=good|mua` (one of several values), `quality!=noise`, `snr>=2`
 * @returns the row numbers
 * @throws ConfigError for an unknown column or operator, and when no row is left
 */
export async function chooseRows(
  nwb: NwbFile,
  table: string,
  conditions: readonly string[],
): Promise<number[]> {
  let rows = Array.from({ length: rowsOf(nwb, table) }, (_, row) => row);
  for (const { text, column, holds } of conditions.map((text) => parse(nwb, text))) {
    const values = await readColumn(nwb, table, column);
    if (!values)
      throw nwb.fail("--where", `${table} has no such column: ${notOneOf(column, columnsOf(nwb, table))}`);
    const left = rows.filter((row) => holds(values[row]!));
    if (left.length === 0)
      throw nwb.fail("--where", `no row of ${table} meets ${text}; ${column} has ${valuesIn(values)}`);
    rows = left;
  }
  return rows;
}

function parse(nwb: NwbFile, text: string): Condition {
  const operator = OPERATORS.find((one) => text.includes(one));
  if (!operator)
    throw nwb.fail("--where", `must be a column, one of ${OPERATORS.join(" ")} and a value; found "${text}"`);
  const at = text.indexOf(operator);
  const column = text.slice(0, at).trim();
  const words = text
    .slice(at + operator.length)
    .split("|")
    .map((word) => word.trim());
  const isOne = (value: string | number) =>
    words.some((word) => (typeof value === "number" ? value === numberOf(word) : value === word));
  const limit = numberOf(words[0]!);
  const holds = {
    "=": isOne,
    "!=": (value: string | number) => !isOne(value),
    "<": (value: string | number) => Number(value) < limit,
    "<=": (value: string | number) => Number(value) <= limit,
    ">": (value: string | number) => Number(value) > limit,
    ">=": (value: string | number) => Number(value) >= limit,
  }[operator];
  return { text, column, holds };
}

/** Returns the number of a word. Booleans are stored as 0 and 1. */
function numberOf(word: string): number {
  if (/^(true|false)$/i.test(word)) return word.toLowerCase() === "true" ? 1 : 0;
  return word === "" ? Number.NaN : Number(word);
}

/** Describes a column by its distinct texts and their counts, or by the range of its numbers. */
export function valuesIn(values: Column): string {
  const items = Array.from<string | number>(values);
  const counts = new Map<string | number, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  if (counts.size <= 10) return [...counts].map(([value, count]) => `${value} (${count})`).join(", ");
  const numbers = items.filter((item): item is number => typeof item === "number" && Number.isFinite(item));
  if (numbers.length > 0) return `numbers from ${least(numbers)} to ${most(numbers)}`;
  return `${[...counts.keys()].slice(0, 10).join(", ")} and ${counts.size - 10} more values`;
}

const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
