import { z } from "zod";
import { component } from "../component";
import { identityPlan } from "../plan";
import type { VideoShape } from "../shape";
import type { PlannedPool } from "./planned";

export const none = component(
  z.strictObject({}),
  (_options, _at, input: VideoShape): PlannedPool => ({ plan: identityPlan(input), stride: [1, 1, 1] }),
);
