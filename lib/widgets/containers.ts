import { type Bundle, toBundle } from "../base/jupyter/display";
import type { Html } from "../base/jupyter/table";
import { controlKind } from "./control";
import { Widget } from "./model";

/** A widget as a part of another. */
export interface WidgetPart {
  /** The widget's id in the front end. */
  readonly modelId: string;
  /** Returns a description of the widget in words. */
  toString(): string;
}

/** The state that a row or column shares with the front end. */
export interface BoxState {
  /** The parts, in order. */
  children: readonly WidgetPart[];
  /** The color of the box: `""`, `success`, `info`, `warning` or `danger`. */
  box_style: string;
}

/** A row or column of widgets. */
export type Box = Widget<BoxState>;

/** Makes a row of widgets. */
export const hbox = (...children: WidgetPart[]): Box => box("HBox", children);

/** Makes a column of widgets. */
export const vbox = (...children: WidgetPart[]): Box => box("VBox", children);

const box = (name: string, children: readonly WidgetPart[]): Box =>
  new Widget(controlKind(name), { children, box_style: "" }, (state) => state.children.join("\n"));

/** The state that a view of HTML shares with the front end. */
export interface HtmlState {
  /** The value. */
  value: string;
  /** The text beside the control. */
  description: string;
  /** The text of an empty view. */
  placeholder: string;
}

/** A widget with HTML, which can be replaced. */
export class HtmlView extends Widget<HtmlState> {
  /** Replaces the content. */
  show(content: Html | string): void {
    this.set({ value: String(content) });
  }
}

/** Makes a widget with HTML, such as an SVG. @param content markup. Default: empty */
export const htmlView = (content: Html | string = ""): HtmlView =>
  new HtmlView(
    controlKind("HTML"),
    { value: String(content), description: "", placeholder: "" },
    (state) =>
      state.value
        .replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gs, " ")
        .trim()
        .replace(/\s+/g, " ") || "html",
  );

/** The state that a place for displays shares with the front end. */
export interface OutputState {
  /** The outputs, in the form of a notebook's file. */
  outputs: readonly object[];
  /** The request whose output is shown here, too. The kernel does not use it. */
  msg_id: string;
}

/** A place for displays that is part of other widgets. */
export class Output extends Widget<OutputState> {
  /** Adds what a cell would show for a value. */
  append(value: unknown): void {
    this.set({ outputs: [...this.get("outputs"), shownAs(toBundle(value))] });
  }

  /** Replaces the content by what a cell would show for a value. */
  show(value: unknown): void {
    this.set({ outputs: [shownAs(toBundle(value))] });
  }

  /** Removes the content. */
  clear(): void {
    this.set({ outputs: [] });
  }
}

/** Makes a place for displays that is part of other widgets. */
export const output = (): Output =>
  new Output(
    { module: "@jupyter-widgets/output", version: "1.0.0", model: "OutputModel", view: "OutputView" },
    { outputs: [], msg_id: "" },
    ({ outputs }) => outputs.map((one) => textOf(one as ShownOutput)).join("\n"),
  );

interface ShownOutput {
  output_type: "display_data";
  data: Bundle;
  metadata: object;
}

const shownAs = (data: Bundle): ShownOutput => ({ output_type: "display_data", data, metadata: {} });

const textOf = ({ data }: ShownOutput) => data["text/plain"];
