import type { SourceMapPayload } from "node:module";

/**
 * The language service of the kernel: TypeScript cells that share one session. Cursors are Jupyter's, in Unicode code
 * points.
 */
export interface Language {
  /** Checks a cell against what earlier cells declared and compiles it. */
  compile(cell: Cell): Promise<CompiledCell | Rejected>;
  /** Called after the cell ran or threw: its declarations become part of the session. */
  commit(number: number, outcome: "ok" | "error"): void;
  /** Makes the names of a cell known while it runs, for the cells of subshells. */
  preview(number: number): void;
  /** Makes a global variable known to later cells, with the type `any`. */
  adopt(name: string): void;
  complete(code: string, cursor: number): Promise<Completions>;
  /** A MIME bundle: signature and, at detail 1 or where it is short, documentation. */
  inspect(code: string, cursor: number, detail: 0 | 1): Promise<Record<string, unknown> | undefined>;
  isComplete(code: string): Promise<Completeness>;
}

export interface Cell {
  code: string;
  /** Execution count. */
  number: number;
  /** The name that stacks show for the cell. */
  file: string;
}

export interface CompiledCell {
  /**
   * A script for `vm.Script` in the main context, after `installRuntime`. Its completion value is a promise of a
   * `CellValue`, undefined if the cell has no last expression. Top-level bindings live on globalThis, so closures see
   * later values.
   */
  code: string;
  /** The source map from `code` to the cell's lines. */
  map: SourceMapPayload;
  file: string;
  /** The names that the cell declares. */
  names: string[];
  /**
   * Problems in modules that the session imports and in the project's tsconfig.json. Each state of them is reported
   * once.
   */
  warnings: FileWarning[];
  /** The imports that were added for names which were completed at the prompt. */
  imports: string[];
}

/** The value of a cell's last expression. It is wrapped, because a promise would await a value with a `then`. */
export interface CellValue {
  value: unknown;
}

/** A message of TypeScript about a file of the user. */
export interface FileWarning {
  file: string;
  diagnostics: Diagnostic[];
}

export interface Rejected {
  diagnostics: Diagnostic[];
}

export interface Diagnostic {
  /** The line, counted from 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** The length of the marked part of the line. */
  length: number;
  /** TypeScript's number, as in TS2322. */
  code: number;
  message: string;
  /** The line's text. */
  source: string;
}

export interface Completions {
  matches: string[];
  cursor_start: number;
  cursor_end: number;
  /** The kinds of the matches, for JupyterLab's icons: https://jupyterlab.readthedocs.io/en/stable/user/completer.html */
  metadata: { _jupyter_types_experimental: object[] };
  /** Whether the type of the value before the dot does not name all of its members: `any`, or a type with an index signature. */
  isOpen?: boolean;
}

/** A text that can complete the typed one. */
export interface Match {
  name: string;
  /** The kind, for JupyterLab's icons. */
  type: string;
}

export interface Completeness {
  status: "complete" | "incomplete" | "invalid";
  indent?: string;
}

export interface CompiledModule {
  /** A `System.register` call: https://github.com/systemjs/systemjs/blob/main/docs/system-register.md */
  code: string;
  map: SourceMapPayload;
}

/** Returns the name that stacks show for a cell. Cells that are not stored in the history have negative numbers. */
export const cellName = (number: number): string =>
  number > 0 ? `cell ${number}` : `unstored cell ${-number}`;

/** The global name under which compiled cells find the kernel. */
export const RUNTIME = "__cell__";

/** The key under which the library (lib/base/config/user-module.ts) finds the loader of the user's modules. */
export const MODULES = Symbol.for("gradbook.modules");

/** The name under which a compiled module exports the value of its `export =`. */
export const WHOLE = "export=";

/** The kernel's own packages, which a notebook imports if its folder has no copy. */
export const OWN = ["gradbook", "tslab"];

/** Whether an import is of one of the kernel's own packages. */
export const isOwnPackage = (specifier: string): boolean =>
  OWN.some((name) => specifier === name || specifier.startsWith(`${name}/`));

/** Whether an import is of one of the kernel's own packages, or of the TensorFlow package that it uses. */
export const isOwn = (specifier: string): boolean =>
  isOwnPackage(specifier) || /^@tensorflow\/[^/]+(\/|$)/.test(specifier);
