import { Command } from "commander";
import { Table } from "../base/jupyter/table";
import { simulateSessions } from "../data";
import { whole } from "./arguments";

/** `gradbook simulate`: simulates recording sessions with known ground truth. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("simulate recording sessions with known ground truth (docs/simulation.md)")
    .option("--out <folder>", "the folder for the sessions", "sessions/demo")
    .option("--sessions <n>", "the number of sessions", whole, 3)
    .option("--frames <n>", "the number of frames in each session", whole, 25_200)
    .option("--size <pixels>", "the side of a frame", whole, 17)
    .option("--channels <n>", "the number of channels of the stimulus, such as 3 for RGB", whole, 1)
    .option("--units <n>", "units of each session (default: 24, 30, 20 in turn)", whole)
    .option("--repeats <n>", "the number of repeats of four pictures, for normalised correlation", whole, 0)
    .option("--seed <n>", "the seed; the same seed gives the same sessions", whole, 1)
    .option("--force", "replace existing sessions", false)
    .action(async ({ out, ...options }) => {
      const done = await simulateSessions({ outDir: out, ...options }, ({ session }, path) => {
        console.log(`${session} written to ${path}`);
      });
      const rows = done.map(({ rate, best, ...row }) => ({
        ...row,
        "rate (spikes/s)": rate,
        "best possible (bits/spike)": best,
      }));
      console.log(String(new Table(rows)));
    });
}
