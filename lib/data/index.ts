export { MOVIE_BYTES, MOVIE_DTYPES, type MovieDtype, type MovieValues } from "../signal/movie";
export { contrastScores } from "./contrast";
export { readDatasetConfig, type SessionConfig } from "./dataset-config";
export {
  type LoadOptions,
  loadSessions,
  prepareSessions,
  readTruth,
  sessionSummary,
  trueRates,
} from "./load";
export { longestLag, type PreparedSession, prepareSession, stimPixels } from "./prepare";
export { type Recording, readSession, type Session, stimulusTypes, writeSession } from "./session-file";
export { type SimulatedSession, type SimulateOptions, simulateSessions } from "./simulate";
export type { UnitTruth } from "./simulate/unit";
