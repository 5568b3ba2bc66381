import { existsSync } from "node:fs";
import { join } from "node:path";
import { simulateSessions } from "../../data";
import type { Step } from "./step";

/** The session that is written last. */
const LAST = "milo_2031-03-01.h5";

/** Simulates the demo's recording sessions where there are none. */
export function sessionsStep(project: string): Step {
  const outDir = join(project, "sessions", "demo");
  return {
    title: "simulated recordings in sessions/demo",
    isDone: () => existsSync(join(outDir, LAST)),
    async run(progress) {
      // Sessions of an interrupted simulation are made again.
      await simulateSessions({ outDir, force: true, repeats: 10 }, ({ session }) => progress.note(session));
    },
  };
}
