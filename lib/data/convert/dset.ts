import { holdsDsets } from "../dset";
import { readSession } from "../read-session";
import { defineImporter } from "./importer";

/** Copies recordings of the PyTorch package into one session file. */
export const dset = defineImporter({
  name: "dset",
  description: "a .dset file of the PyTorch package, or a session's folder with such files",
  options: {},
  accepts: holdsDsets,
  read: async (path) => ({ session: await readSession(path), assumed: [] }),
});
