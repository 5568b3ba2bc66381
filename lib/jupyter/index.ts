export {
  type Bundle,
  DISPLAY,
  type Displayable,
  type DisplayHandle,
  display,
  inNotebook,
  newDisplay,
} from "./display";
export { escapeHtml } from "./escape";
export { record } from "./record";
export { Table } from "./table";
