export { MOVIE_DTYPES, type MovieDtype } from "../base/dsp/movie";
export { contrastScores } from "./contrast";
export { readDatasetConfig, type SessionConfig, sessionSchema } from "./dataset-config";
export {
  loadSessions,
  prepareSessions,
  readTruth,
  sessionSummary,
  trueRates,
} from "./load";
export { joined } from "./ops";
export { prepareSession } from "./prepare";
export { longestLag, type PreparedSession, stimPixels } from "./prepare-recording";
export { readSession, stimulusTypes } from "./read-session";
export type { Recording, Session } from "./session";
export { type SimulateOptions, simulateSessions } from "./simulate";
export type { UnitTruth } from "./simulate/unit";
export { writeSession } from "./write-session";
