/** Thrown into what goes on in a cell after it was stopped. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("the cell was stopped");
  }
}
