import type { Component, Plan, VideoShape } from "../../nn";
import { none } from "../none";

/** `adapter.type` → adapter. */
export const adapters: Record<string, Component<[input: VideoShape], Plan>> = { none };
