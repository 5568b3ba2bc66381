import { z } from "zod";
import { type Component, component } from "../component";
import { identityPlan } from "../plan";
import type { VideoShape } from "../shape";
import { adaptiveavg, adaptivemax } from "./adaptive";
import { locatt, sePool } from "./attention";
import type { BlockPlanner, PlannedPool } from "./planned";
import { aablur, avg, learned, max } from "./window";

/** The identity. */
export const none = component(
  z.strictObject({}),
  (_options, _at, input: VideoShape): PlannedPool => ({ plan: identityPlan(input), stride: [1, 1, 1] }),
);

/** `pool_params.type` → pooling. */
export const pools: Record<string, Component<[input: VideoShape, block: BlockPlanner], PlannedPool>> = {
  max,
  avg,
  adaptivemax,
  adaptiveavg,
  aablur,
  se_pool: sePool,
  locatt,
  learned,
  none,
};
