import { z } from "zod";
import { component } from "../component";
import { identityPlan } from "../plan";
import type { VideoShape } from "../shape";

export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => identityPlan(input));
