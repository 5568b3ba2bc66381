import { ConfigError, notOneOf } from "../base/config";

/** The kinds of responses that `robs` may have. */
export const RESPONSE_KINDS = ["counts", "rates", "calcium", "zscores"] as const;
/**
 * The kind of the responses of a session: spike counts of each frame; firing rates; calcium signals, such as dF/F or deconvolved traces; or
 * z-scores.
 */
export type ResponseKind = (typeof RESPONSE_KINDS)[number];

interface ResponseFacts {
  /** The name in messages. */
  readonly name: string;
  /** Whether values below 0 are errors. */
  readonly isPositive: boolean;
  /** Whether frames are joined by their sum instead of their mean. */
  readonly isSummed: boolean;
}

/** The properties of each kind of responses. */
export const RESPONSES: Readonly<Record<ResponseKind, ResponseFacts>> = {
  counts: { name: "spike counts", isPositive: true, isSummed: true },
  rates: { name: "rates", isPositive: true, isSummed: false },
  calcium: { name: "calcium signals", isPositive: false, isSummed: false },
  zscores: { name: "z-scores", isPositive: false, isSummed: false },
};

/** Returns the kind that a file states; undefined when it states none. @throws ConfigError for an unknown kind */
export function statedResponses(file: string, stated: unknown): ResponseKind | undefined {
  if (stated === undefined) return undefined;
  const found = RESPONSE_KINDS.find((kind) => kind === stated);
  if (found) return found;
  throw new ConfigError(file, [
    { path: "responses", message: notOneOf(String(stated), [...RESPONSE_KINDS]) },
  ]);
}
