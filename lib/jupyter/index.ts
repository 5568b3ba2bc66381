export { type Bundle, DISPLAY, type Displayable, type DisplayHandle, display, inNotebook } from "./display";
export { Table } from "./table";
