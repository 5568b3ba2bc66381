const sources = new Map<string, string[]>();

/** When an operation fails, Node's default of ten frames covers only TensorFlow; the cell's line is further down. */
const FRAMES = 50;

/** From here on, stacks of errors refer to the user's lines. @param mapped returns a stack with the user's lines */
export function mapStacks(mapped: (stack: string) => string): void {
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (error: unknown, frames) =>
    mapped([headline(error), ...frames.map((frame) => `    at ${frame}`)].join("\n"));
}

/** Stores a cell's text, so that errors can show its lines. */
export function rememberCell(file: string, code: string): void {
  sources.set(file, code.split("\n"));
}

/** Returns a line of a cell, counted from 1. */
export const sourceLine = (file: string, line: number): string | undefined => sources.get(file)?.[line - 1];

function headline(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
