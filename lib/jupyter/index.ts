export {
  type Bundle,
  DISPLAY,
  type Displayable,
  type DisplayHandle,
  display,
  inNotebook,
  newDisplay,
} from "./display";
export { Table } from "./table";
