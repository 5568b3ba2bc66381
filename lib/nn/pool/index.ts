import type { Component } from "../component";
import type { VideoShape } from "../shape";
import { aablur } from "./aablur";
import { adaptiveavg, adaptivemax } from "./adaptive";
import { learned } from "./learned";
import { locatt } from "./locatt";
import { none } from "./none";
import type { BlockPlanner, PlannedPool } from "./planned";
import { sePool } from "./se-pool";
import { avg, max } from "./window";

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
