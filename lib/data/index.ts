export { MOVIE_DTYPES, type MovieDtype } from "../signal/movie";
export { contrastScores } from "./contrast";
export { readDatasetConfig, type SessionConfig } from "./dataset-config";
export {
  loadSessions,
  prepareSessions,
  readTruth,
  sessionSummary,
  trueRates,
} from "./load";
export { type PreparedSession, prepareSession, stimPixels } from "./prepare";
export { type Recording, readSession, type Session, stimulusTypes, writeSession } from "./session-file";
export { type SimulateOptions, simulateSessions } from "./simulate";
export type { UnitTruth } from "./simulate/unit";
