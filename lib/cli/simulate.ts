import { Command, InvalidArgumentError } from "commander";
import { Table } from "../base/jupyter";
import { simulateSessions } from "../data";

/** `gradbook simulate`: simulates recording sessions with known ground truth. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("simulate recording sessions whose truth is known (docs/simulation.md)")
    .option("--out <folder>", "where the sessions go", "sessions/demo")
    .option("--sessions <n>", "how many sessions", whole, 3)
    .option("--frames <n>", "frames of each session", whole, 25_200)
    .option("--size <pixels>", "side of a frame", whole, 17)
    .option("--units <n>", "units of each session (default: 24, 30, 20 in turn)", whole)
    .option("--repeats <n>", "repeats of four pictures, for normalised correlation", whole, 0)
    .option("--seed <n>", "the same seed gives the same sessions", whole, 1)
    .option("--force", "replace sessions that exist", false)
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

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number.");
}
