import { z } from "zod";
import { component, identityPlan, type Plan, type VideoShape } from "../nn";

/** A stage that is not there. */
export const none = component(
  z.strictObject({}),
  (_options, _at, input: VideoShape): Plan => identityPlan(input),
);
