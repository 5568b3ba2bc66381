import { ARROWS, element } from "./elements";

/** A frame that a person draws with the pointer, or with the arrow keys and the space bar. */
export class Drawing {
  readonly controls: HTMLElement;
  readonly frame: Float32Array;
  /** The pixel of the cursor, which the keyboard moves. */
  cursor = { row: 0, column: 0 };
  private readonly colour = element(
    "select",
    {},
    ...["white", "black", "grey"].map((name) => element("option", { value: name }, name)),
  );

  constructor(
    private readonly height: number,
    private readonly width: number,
  ) {
    this.frame = new Float32Array(height * width);
    this.cursor = { row: height >> 1, column: width >> 1 };
    const clear = element("button", { type: "button", onclick: () => this.frame.fill(0) }, "Clear");
    this.controls = element(
      "div",
      { className: "row" },
      element("label", {}, "Brush ", this.colour),
      clear,
      element(
        "p",
        { className: "hint" },
        "Draw on the screen, or move with the arrow keys and paint with the space bar.",
      ),
    );
  }

  /** Lets a person draw on a canvas while `isActive` returns true. */
  drawOn(canvas: HTMLCanvasElement, isActive: () => boolean): void {
    const paintAt = (event: PointerEvent) => {
      if (!isActive() || event.buttons === 0) return;
      const box = canvas.getBoundingClientRect();
      this.cursor = {
        row: Math.floor(((event.clientY - box.top) / box.height) * this.height),
        column: Math.floor(((event.clientX - box.left) / box.width) * this.width),
      };
      this.paint();
    };
    canvas.addEventListener("pointerdown", paintAt);
    canvas.addEventListener("pointermove", paintAt);
    canvas.addEventListener("keydown", (event) => {
      if (!isActive()) return;
      const step = ARROWS[event.key];
      if (!step && event.key !== " ") return;
      event.preventDefault();
      if (step) this.move(...step);
      else this.paint();
    });
  }

  private move(rows: number, columns: number): void {
    const { row, column } = this.cursor;
    this.cursor = {
      row: Math.min(this.height - 1, Math.max(0, row + rows)),
      column: Math.min(this.width - 1, Math.max(0, column + columns)),
    };
  }

  private paint(): void {
    const { row, column } = this.cursor;
    if (row < 0 || row >= this.height || column < 0 || column >= this.width) return;
    this.frame[row * this.width + column] = { white: 1, black: -1, grey: 0 }[this.colour.value]!;
  }
}
