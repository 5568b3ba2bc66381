import { holdsDsets } from "../dset";
import { wholeMovie } from "../read-recording";
import { readSession } from "../read-session";
import { defineImporter, RESPONSE_KIND } from "./importer";

/** Copies recordings of the PyTorch package into one session file. */
export const dset = defineImporter({
  name: "dset",
  description: "a .dset file of the PyTorch package, or a session's folder with such files",
  options: { kind: RESPONSE_KIND },
  accepts: holdsDsets,
  read: async (path, { kind }) => ({
    session: await readSession(path, undefined, wholeMovie, kind),
    assumed: [],
  }),
});
