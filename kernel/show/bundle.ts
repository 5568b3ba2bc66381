import { inspect, types } from "node:util";
import { PNG } from "pngjs";
import { html } from "../../lib/base/jupyter/table";

/** The forms of a value, by MIME type. */
export type MimeBundle = Record<string, unknown>;

const DRAW = Symbol.for("Jupyter.display");

/** Converts a value to the forms that a front end can show. */
export async function toBundle(value: unknown): Promise<MimeBundle> {
  const draw = drawMethod(value);
  return draw ? checked(await draw(), value) : bundleOf(value);
}

/** Converts a value without waiting. A display method that returns a promise is ignored. */
export function toBundleNow(value: unknown): MimeBundle {
  const drawn = drawMethod(value)?.();
  return drawn === undefined || drawn instanceof Promise ? bundleOf(value) : checked(drawn, value);
}

/** Returns the call of a value's own display method. */
function drawMethod(value: unknown): (() => unknown) | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return undefined;
  const draw = types.isProxy(value) ? methodOfProxy(value) : (value as Record<symbol, unknown>)[DRAW];
  return typeof draw === "function" ? () => draw.call(value) as unknown : undefined;
}

/** Returns the display method of a proxy. Its traps may be anything, and a revoked proxy throws. */
function methodOfProxy(value: object): unknown {
  try {
    return DRAW in value ? (value as Record<symbol, unknown>)[DRAW] : undefined;
  } catch {
    return undefined;
  }
}

/** Checks what a display method returned. */
function checked(drawn: unknown, value: unknown): MimeBundle {
  if (typeof drawn !== "object" || drawn === null)
    throw new TypeError(
      `[Symbol.for("Jupyter.display")]() gave ${inspect(drawn)}: it has to give an object of MIME types, such as { "text/plain": "..." }`,
    );
  return "text/plain" in drawn ? (drawn as MimeBundle) : { ...drawn, "text/plain": text(value) };
}

/** Returns the forms of a value without a display method. */
export function bundleOf(value: unknown): MimeBundle {
  return isTensor(value) ? tensorBundle(value) : { "text/plain": text(value) };
}

/** The longest text of a value, in UTF-16 units. An object may have any number of properties. */
const LONGEST = 200_000;

/** Returns what Node prints of a value, also if its own methods for that throw, without the rest of an endless text. */
function text(value: unknown): string {
  const printed = printedBy(value);
  return printed.length > LONGEST
    ? `${printed.slice(0, LONGEST)}\n... ${printed.length - LONGEST} more characters`
    : printed;
}

function printedBy(value: unknown): string {
  const options = { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 };
  try {
    return inspect(value, options);
  } catch (error) {
    const plain = shown(() => inspect(value, { ...options, customInspect: false }));
    return `${plain ?? "(a value that cannot be shown)"}\n(its own form cannot be shown: ${shown(() => String(error)) ?? "it throws"})`;
  }
}

function shown(text: () => string): string | undefined {
  try {
    return text();
  } catch {
    return undefined;
  }
}

/** The properties of a tfjs tensor that are used. */
export interface Tensor {
  shape: number[];
  dtype: string;
  isDisposed: boolean;
  /** Returns the values; strings for a tensor of strings. */
  dataSync(): ArrayLike<number>;
}

export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" &&
  value !== null &&
  !types.isProxy(value) &&
  "rankType" in value &&
  "dtype" in value &&
  "dataSync" in value &&
  typeof value.dataSync === "function";

/** Tensors with more elements are not read back, because computing their statistics would take too long. */
const MOST = 1 << 24;

/** Tensors with more elements are shown in one line without their values. */
const MOST_OF_LINE = 1 << 20;

/** Returns a tensor's shape, dtype and first values as one line. */
export function tensorLine(tensor: Tensor): string {
  const { head, readable } = headOf(tensor, MOST_OF_LINE);
  return readable ? `${head} ${preview(tensor.dataSync())}` : head;
}

/** Returns a tensor's shape and dtype, and the number of values to read: 0 if there are more than `most`, or they cannot be shown. */
function headOf(tensor: Tensor, most: number): { head: string; readable: number } {
  const head = `Tensor [${tensor.shape.join(", ")}] ${tensor.dtype}`;
  if (tensor.isDisposed) return { head: `${head} (disposed)`, readable: 0 };
  const size = tensor.shape.reduce((a, b) => a * b, 1);
  return { head, readable: tensor.dtype === "complex64" || size > most ? 0 : size };
}

/**
 * Displays a tensor as its shape, dtype, statistics, and a small picture of its values (of the first matrix, when it
 * has more).
 */
function tensorBundle(tensor: Tensor): Record<string, unknown> {
  const { head, readable } = headOf(tensor, MOST);
  if (!readable) return { "text/plain": head };
  const values = tensor.dataSync();
  if (readable === 1) return { "text/plain": `${head}: ${inspect(values[0])}` };
  if (tensor.dtype === "string") return { "text/plain": `${head}\n${preview(values)}` };
  const { text, low, high } = statistics(values);
  const plain = `${head}\n${text}\n${preview(values)}`;
  const picture = low < high ? draw(tensor.shape, values, low, high) : undefined;
  const image = picture
    ? html`<img alt="values" style="image-rendering:pixelated;width:${picture.shown}px" src="data:image/png;base64,${picture.data}">`
    : "";
  const shown = html`<div><code>${head}</code><br><small>${text}</small><br>${image}</div>`;
  return { "text/html": String(shown), "text/plain": plain };
}

function statistics(values: ArrayLike<number>): { text: string; low: number; high: number } {
  let [low, high, sum, squares, finite, zeros] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
    0,
    0,
  ];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const bad = values.length - finite;
  if (finite === 0) return { text: `${bad} values, none finite`, low: 0, high: 0 };
  const mean = sum / finite;
  const deviation = Math.sqrt(Math.max(0, squares / finite - mean * mean));
  const parts = [`min ${short(low)}`, `mean ${short(mean)}`, `max ${short(high)}`, `std ${short(deviation)}`];
  if (zeros) parts.push(`${((100 * zeros) / values.length).toFixed(0)} % zeros`);
  if (bad) parts.push(`${bad} not finite`);
  return { text: parts.join(", "), low, high };
}

function short(value: number | string): string {
  if (typeof value === "string") return inspect(value, { maxStringLength: 40 });
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}` : value.toPrecision(4);
}

function preview(values: ArrayLike<number>): string {
  const shown = Array.from({ length: Math.min(8, values.length) }, (_, i) => short(values[i]!));
  return `[${shown.join(", ")}${values.length > 8 ? ", …" : ""}]`;
}

/** PNG's number for RGB without transparency. */
const COLOR = 2;

/** Grey levels of the last two axes; `[height, width, 1 or 3]` are taken for a picture. */
function draw(
  shape: readonly number[],
  values: ArrayLike<number>,
  low: number,
  high: number,
): { data: string; shown: number } {
  const isPicture = shape.length >= 3 && (shape.at(-1) === 1 || shape.at(-1) === 3);
  const channels = isPicture ? shape.at(-1)! : 1;
  const axes = isPicture ? shape.slice(0, -1) : shape;
  const [height, width] = axes.length > 1 ? [axes.at(-2)!, axes.at(-1)!] : [1, axes[0]!];
  // The step between drawn rows and columns, which keeps the picture small.
  const step = Math.max(1, Math.ceil(Math.max(height, width) / 128));
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const thick = axes.length > 1 ? 1 : Math.max(1, Math.ceil(columns / 16));
  const png = new PNG({ width: columns, height: rows * thick });
  const level = (value: number) => (Number.isFinite(value) ? (255 * (value - low)) / (high - low) : 0);
  for (let row = 0; row < rows * thick; row++)
    for (let column = 0; column < columns; column++) {
      const from = (Math.floor(row / thick) * step * width + column * step) * channels;
      const rgb = [0, 1, 2].map((c) => level(values[from + (channels === 3 ? c : 0)]!));
      png.data.set([...rgb, 255], (row * columns + column) * 4);
    }
  const data = PNG.sync.write(png, { colorType: COLOR }).toString("base64");
  return { data, shown: columns * Math.max(1, Math.floor(160 / columns)) };
}
