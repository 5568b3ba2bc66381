/** The module `twin.js` of an exported folder: a twin for other pages, without the user interface. */

export * as tf from "@tensorflow/tfjs-core";
export { mostExcitingInputs } from "../lib/insilico/exciting-inputs";
export { observe, some } from "../lib/insilico/observer";
export { BACKENDS, type BackendName } from "./twin/backend";
export { type OpenTwin, openTwin } from "./twin/open-twin";
