import type { Component, VideoShape } from "../../nn";
import { none } from "../none";
import { learnableTemporal } from "./learnable-temporal";
import type { PlannedFrontend } from "./planned";

/** `frontend.type` → frontend. */
export const frontends: Record<string, Component<[input: VideoShape], PlannedFrontend>> = {
  none,
  learnable_temporal: learnableTemporal,
};
