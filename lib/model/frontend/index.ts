import type { Component, VideoShape } from "../../nn";
import { none } from "../none";
import { conv } from "./conv";
import { da } from "./da";
import { learnableTemporal } from "./learnable-temporal";
import type { PlannedFrontend } from "./planned";
import { temporalBasis } from "./temporal-basis";

/** `frontend.type` → frontend. */
export const frontends: Record<string, Component<[input: VideoShape], PlannedFrontend>> = {
  none,
  da,
  conv,
  temporal_basis: temporalBasis,
  learnable_temporal: learnableTemporal,
};
