import { z } from "zod";
import { component, identityPlan, type VideoShape } from "../../nn";
import type { PlannedModulator } from "./planned";

/** Passes the features on. */
export const none = component(
  z.strictObject({}),
  (_options, _at, input: VideoShape): PlannedModulator => ({
    ...identityPlan(input),
    apply: (features) => ({ features }),
  }),
);
