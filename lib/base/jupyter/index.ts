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
} from "./display";
export { escapeHtml, Html, html, joinHtml } from "./html";
export { RECORD, record } from "./record";
export { settingsOf, shownAsTable } from "./settings";
export { Table } from "./table";
