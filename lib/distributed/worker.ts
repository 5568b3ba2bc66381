import { readFileSync } from "node:fs";
import { placeOf } from "./cluster-environment";
import { BY_HAND } from "./launchers";
import { RendezvousClient } from "./rendezvous-client";
import type { Program } from "./supervisor";

/*
 * The program that the supervisor starts on each device. It joins the others, runs the program and exits. Errors are sent to all
 * processes with their stack, and written to this rank's log.
 */

const JOIN_TIMEOUT = 30;

async function main(): Promise<void> {
  const { GRADBOOK_JOB: job, GRADBOOK_KEY: key } = process.env;
  if (!job || key === undefined)
    throw new Error("This file is started by gradbook when `devices` is set; do not run it directly.");
  const place = placeOf(process.env, BY_HAND);
  const { program, data } = JSON.parse(readFileSync(job, "utf8")) as { program: Program; data: unknown };
  const meeting = { addresses: [place.address!], port: place.port!, key };
  const client = await RendezvousClient.join(place, {
    supervised: true,
    meeting,
    watchdog: 0,
    joinTimeout: JOIN_TIMEOUT,
  });
  try {
    const result: unknown = await require(program.module)[program.name](client, data);
    if (place.rank === 0) await client.tell({ programResult: result });
    await client.part();
  } catch (error) {
    await client.fail(error);
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
