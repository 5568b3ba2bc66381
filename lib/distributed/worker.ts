import { readFileSync } from "node:fs";
import { Link } from "./link";
import { fromTorchrun } from "./place";
import type { Program } from "./supervisor";

/*
 * What the supervisor starts on each device: meets the others, runs the program, ends. Errors are told to all, with where they
 * happened; the log of this rank has them too.
 */

const JOIN_TIMEOUT = 30;

async function main(): Promise<void> {
  const { GRADBOOK_JOB: job, GRADBOOK_KEY: key } = process.env;
  if (!job || key === undefined) throw new Error("This is started by gradbook, with `devices`; not by hand.");
  const place = fromTorchrun(process.env);
  const { program, data } = JSON.parse(readFileSync(job, "utf8")) as { program: Program; data: unknown };
  const secret = { key };
  const link = await Link.join(place, { supervised: true, secret, watchdog: 0, joinTimeout: JOIN_TIMEOUT });
  try {
    const result: unknown = await require(program.module)[program.name](link, data);
    if (place.rank === 0) await link.tell({ programResult: result });
    await link.part();
  } catch (error) {
    await link.fail(error);
    throw error;
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
