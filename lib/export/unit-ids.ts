import type { Twin } from "../twin";

/** Returns the ids of each session's units as JSON, in the order of the rates. */
export const unitIds = ({ sessions }: Twin): string =>
  JSON.stringify(Object.fromEntries(sessions.map(({ name, cids }) => [name, cids])));
