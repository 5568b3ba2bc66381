import { DISPLAY, display } from "./display";
import { Table } from "./table";

/** The type under which a notebook's outputs have what was recorded. */
export const RECORD = "application/vnd.gradbook.record+json";

/**
 * Shows numbers of a notebook's run as a table, and puts them into the summary of `gradbook run`.
 *
 * @example
 * record({ val_bps_overall: 0.31, seconds: run.seconds });
 */
export function record(facts: Readonly<Record<string, string | number>>): void {
  display({ ...new Table([facts])[DISPLAY](), [RECORD]: facts });
}
