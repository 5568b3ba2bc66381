/** Thrown into the running code of a cell after it was stopped. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("the cell was stopped");
  }
}
