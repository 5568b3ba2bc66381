import { DISPLAY, display } from "./display";
import { Table } from "./table";

/** The MIME type of recorded values in a notebook's outputs. */
export const RECORD = "application/vnd.gradbook.record+json";

/**
 * Shows values of a notebook's run as a table, and adds them to the summary of `gradbook run`.
 *
 * @example
 * record({ val_bps_overall: 0.31, seconds: run.seconds });
 */
export function record(facts: Readonly<Record<string, string | number>>): void {
  display({ ...new Table([facts])[DISPLAY](), [RECORD]: facts });
}
