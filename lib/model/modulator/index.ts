import type { Component, VideoShape } from "../../nn";
import { none } from "../none";
import { concat } from "./concat";
import { film } from "./film";
import type { PlannedModulator } from "./planned";

/** `modulator.type` → modulator; `behaviors` is the number of behaviour variables of a sample. */
export const modulators: Record<
  string,
  Component<[input: VideoShape, behaviors: number], PlannedModulator>
> = { none, concat, film };
