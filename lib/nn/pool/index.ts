import type { Component } from "../component";
import type { VideoShape } from "../shape";
import { none } from "./none";
import type { PlannedPool } from "./planned";
import { avg, max } from "./window";

/** `pool_params.type` → pooling. */
export const pools: Record<string, Component<[input: VideoShape], PlannedPool>> = { max, avg, none };
