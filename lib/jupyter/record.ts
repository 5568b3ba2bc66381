import { DISPLAY, display } from "./display";
import { Table } from "./table";

/**
 * Shows numbers of a notebook's run as a table, and puts them into the summary of `gradbook run`.
 *
 * @example
 * record({ val_bps_overall: 0.31, seconds: run.seconds });
 */
export function record(facts: Readonly<Record<string, string | number>>): void {
  display({ ...new Table([facts])[DISPLAY](), "application/vnd.gradbook.record+json": facts });
}
