/**
 * Widgets: sliders, lists, buttons, players and your own, which cells share with JupyterLab.
 *
 * @module gradbook/widgets
 */

export {
  type BrowserObject,
  type Render,
  type RenderContext,
  type ViewElement,
  type ViewModel,
  type WidgetOptions,
  widget,
} from "./any-widget";
export {
  type Box,
  type BoxState,
  type HtmlState,
  HtmlView,
  hbox,
  htmlView,
  Output,
  type OutputState,
  output,
  vbox,
  type WidgetPart,
} from "./containers";
export { Control, type ValueForm } from "./control";
export {
  Button,
  type ButtonState,
  button,
  type CheckboxOptions,
  type CheckboxState,
  checkbox,
  link,
  type Observable,
} from "./controls";
export { Widget, type WidgetKind } from "./model";
export { type MovieViewOptions, movieView } from "./movie";
export {
  type NumberState,
  type PlayOptions,
  type PlayState,
  play,
  type SliderOptions,
  type SliderState,
  slider,
} from "./numbers";
export { type Choices, Select, type SelectOptions, type SelectState, select } from "./select";
