import { relative } from "node:path";
import { inspect } from "node:util";
import { withUsersNames } from "../language/globals";
import type { Diagnostic, FileWarning } from "../language/language";
import type { Cause, Outgoing } from "../sockets/mail";
import type { Restored } from "./intrinsics";

/** An error in the form that the protocol requires. */
export interface Reported {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Describes the value that a cell threw, which may be anything. */
export function reportError(error: unknown): Reported {
  try {
    if (!(error instanceof Error) && !isErrorLike(error)) {
      const shown = typeof error === "string" ? error : inspect(error);
      return { ename: "Thrown", evalue: shown, traceback: [`Thrown: ${shown}`] };
    }
    const ename = nameOf(error);
    const evalue = withUsersNames(String(error.message));
    const stack = stackOf(error).split("\n");
    return { ename, evalue, traceback: [...excerpt(stack), ...stack, ...details(error), ...causes(error)] };
  } catch {
    const evalue = "the cell threw a value that cannot be shown";
    return { ename: "Thrown", evalue, traceback: [`Thrown: ${evalue}`] };
  }
}

/** Makes the message to stderr for an error that no code awaits. It goes to the cell that caused the error. */
export function unawaited(error: unknown, cause: Cause): Outgoing {
  return { kind: "stream", cause, name: "stderr", text: `${reportError(error).traceback.join("\n")}\n` };
}

/** The most replaced values that a message names. */
const MOST_NAMES = 5;

/** Returns the messages about built-in values that cells have replaced; none if there are none. */
export function reportRestored({ putBack, constant }: Restored): string[] {
  const listed = (names: readonly string[]) => {
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
    return `${names.slice(0, MOST_NAMES).join(", ")}${more}`;
  };
  return [
    ...(putBack.length ? [`and has put back: ${listed(putBack)}.`] : []),
    ...(constant.length
      ? [`but cells have made some constant: ${listed(constant)}. Restart the kernel if cells fail.`]
      : []),
  ].map((text) => `The kernel needs built-in objects as they were, ${text}\n`);
}

/** Reports the compiler's errors in a cell that was therefore not run. */
export function reportDiagnostics(file: string, diagnostics: readonly Diagnostic[]): Reported {
  const traceback = diagnostics.flatMap(({ line, column, length, code, message, source }) => {
    const number = `${line}`;
    const mark =
      below(source, column) + "~".repeat(Math.max(1, Math.min(length, source.length - column + 1)));
    const gutter = " ".repeat(number.length);
    return [
      `${file}:${line}:${column}: TS${code}: ${message}`,
      `${number} | ${source}`,
      `${gutter} | ${mark}`,
    ];
  });
  const [first] = diagnostics;
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  // Codes from 1000 to 1999 are syntax errors.
  const ename = first && first.code < 2000 ? "SyntaxError" : "TypeError";
  const evalue = first ? `TS${first.code}: ${first.message}${more}` : "the cell does not compile";
  return { ename, evalue, traceback };
}

/**
 * Formats the compiler's warnings about modules that a cell imports and about the project's configuration. The cell
 * still runs.
 */
export function reportWarnings(warnings: readonly FileWarning[]): string {
  return warnings
    .map(({ file, diagnostics }) => {
      const near = relative(process.cwd(), file);
      const head = file.endsWith(".json")
        ? `${near} has mistakes; what can be read of it is taken.`
        : `Types in ${near} do not fit; the cell runs all the same.`;
      return `${[head, ...reportDiagnostics(near, diagnostics.slice(0, MOST)).traceback].join("\n")}\n`;
    })
    .join("");
}

/** The largest number of problems shown for one module, and of causes shown for one error. */
const MOST = 5;

const isErrorLike = (value: unknown): value is Error =>
  typeof value === "object" && value !== null && "message" in value && "stack" in value;

/** Returns the name of an error: the class's, if the class does not set `name`. */
function nameOf(error: Error): string {
  const name = String(error.name || "Error");
  const prototype: unknown = Object.getPrototypeOf(error);
  const isInherited =
    typeof prototype === "object" &&
    prototype !== null &&
    ![error, prototype].some((one) => Object.hasOwn(one, "name"));
  return (isInherited && error.constructor?.name) || name;
}

/** Returns the stack, which begins with the name of the class. */
function stackOf(error: Error): string {
  const [before, name] = [String(error.name || "Error"), nameOf(error)];
  const stack = withUsersNames(ownStack(error) ?? `${name}: ${error.message}`);
  return name !== before && stack.startsWith(before) ? name + stack.slice(before.length) : stack;
}

/** Returns an error's stack, which a getter or `Error.prepareStackTrace` of the user may refuse. */
function ownStack(error: Error): string | undefined {
  try {
    return typeof error.stack === "string" ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the line of the cell in which the error occurred. */
function excerpt(stack: readonly string[]): string[] {
  for (const frame of stack) {
    const [, file, line, column] = /^ {4}at (?:async |.*\()?(cell \d+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const source = file && sourceLine(file, Number(line));
    if (source === undefined || source === "") continue;
    return [
      `${file}:${line}`,
      `${line} | ${source}`,
      `${" ".repeat(line!.length)} | ${below(source, Number(column))}^`,
      "",
    ];
  }
  return [];
}

/** Returns whitespace of the same width as the line up to a column. Tabs are kept. */
const below = (source: string, column: number) => source.slice(0, column - 1).replace(/[^\t]/g, " ");

/** Returns the properties of an error besides its message, such as the `code` and `path` of a missing file. */
function details(error: Error): string[] {
  const own = Object.entries(error).filter(([name]) => !SAID.has(name));
  return own.length ? inspect(Object.fromEntries(own)).split("\n") : [];
}

const SAID = new Set(["name", "message", "stack", "cause", "errors"]);

/** Returns the chain of causes. @param seen the errors that led here, because causes may form a cycle */
function causes(error: Error, seen: readonly unknown[] = []): string[] {
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [];
  const all = error.cause === undefined ? inner : [error.cause, ...inner];
  const path = [...seen, error];
  return all
    .filter((one) => !path.includes(one))
    .slice(0, MOST)
    .flatMap((one) => whole(one, path).map((line, i) => (i === 0 ? `caused by ${line}` : `  ${line}`)));
}

const whole = (error: unknown, path: readonly unknown[]): string[] =>
  error instanceof Error
    ? [...stackOf(error).split("\n"), ...details(error), ...(path.length < MOST ? causes(error, path) : [])]
    : inspect(error).split("\n");

const sources = new Map<string, string[]>();

/** Stores a cell's text, so that errors can show its lines. */
export function rememberCell(file: string, code: string): void {
  sources.set(file, code.split("\n"));
}

/** Returns a line of a cell, counted from 1. */
const sourceLine = (file: string, line: number): string | undefined => sources.get(file)?.[line - 1];
