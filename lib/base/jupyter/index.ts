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
export { escapeHtml, Html, html, joinHtml, RECORD, record, settingsOf, shownAsTable, Table } from "./table";
