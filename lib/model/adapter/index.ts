import type { Component, VideoShape } from "../../nn";
import { none } from "../none";
import { adapter } from "./adapter";
import type { PlannedAdapter } from "./planned";

/** `adapter.type` → the adapters of all sessions. */
export const adapters: Record<string, Component<[input: VideoShape, sessions: number], PlannedAdapter>> = {
  none,
  adapter,
};
