/**
 * Errors of configurations, and output below a notebook's cell.
 *
 * @module gradbook/base
 */

export type { Part, UserType } from "./config";
export { ConfigError, type Problem } from "./config/errors";
export type { Note, TakeNote } from "./config/notes";
export { below, type Place, problemAt } from "./config/yaml";
export type { MovieValues } from "./dsp/movie";
export {
  type Bundle,
  clearOutput,
  DISPLAY,
  type Displayable,
  type DisplayHandle,
  display,
  inNotebook,
  input,
  newDisplay,
  updateDisplay,
} from "./jupyter/display";
export { type Cell, type Html, record, Table } from "./jupyter/table";
export type { Random } from "./random";
export type { Screen } from "./terminal/bottom-line";
