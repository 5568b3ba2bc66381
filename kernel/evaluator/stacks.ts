const sources = new Map<string, string[]>();

/** Node's ten frames are all TensorFlow's when an operation fails: the cell's line is behind them. */
const FRAMES = 50;

/** From here on stacks of errors are in the user's lines. @param mapped a stack in those */
export function mapStacks(mapped: (stack: string) => string): void {
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (error: unknown, frames) =>
    mapped([headline(error), ...frames.map((frame) => `    at ${frame}`)].join("\n"));
}

/** Keeps a cell's text, of which errors show a line. */
export function rememberCell(file: string, code: string): void {
  sources.set(file, code.split("\n"));
}

/** The line of a cell, from 1. */
export const sourceLine = (file: string, line: number): string | undefined => sources.get(file)?.[line - 1];

function headline(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
