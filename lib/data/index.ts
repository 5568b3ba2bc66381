export { MOVIE_DTYPES, type MovieDtype } from "../base/dsp/movie";
export { contrastScores } from "./contrast";
export { readDatasetConfig } from "./dataset-config";
export {
  loadSessions,
  prepareSessions,
  readTruth,
  sessionSummary,
  trueRates,
} from "./load";
export { joined } from "./ops";
export { prepareSession } from "./prepare";
export { type PreparedSession, stimPixels } from "./prepare-recording";
export { readSession, stimulusTypes } from "./read-session";
export type { Recording, Session } from "./session";
export { lagsOf, longestLag } from "./session-lags";
export { type SessionConfig, sessionSchema } from "./session-schema";
export { type SimulateOptions, simulateSessions } from "./simulate";
export type { UnitTruth } from "./simulate/unit";
export { writeSession } from "./write-session";
