import type { Component, Plan, VideoShape } from "../../nn";
import { none } from "../none";

/** `modulator.type` → modulator. */
export const modulators: Record<string, Component<[input: VideoShape], Plan>> = { none };
