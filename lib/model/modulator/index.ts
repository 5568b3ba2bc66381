import type { Component, VideoShape } from "../../nn";
import { concat } from "./concat";
import { convgru } from "./convgru";
import { film } from "./film";
import { none } from "./none";
import { pc } from "./pc";
import type { PlannedModulator } from "./planned";

/** `modulator.type` → modulator; `behaviors` is the number of behaviour variables of a sample. */
export const modulators: Record<
  string,
  Component<[input: VideoShape, behaviors: number], PlannedModulator>
> = { none, concat, film, convgru, pc };
