import type { Component, Plan, VideoShape } from "../../nn";
import { none } from "../none";
import { convgru } from "./convgru";
import { gru, lstm } from "./flat";

/** `recurrent.type` → recurrent stage; `sequence: false` requests only the last state. */
export const recurrents: Record<string, Component<[input: VideoShape, sequence: boolean], Plan>> = {
  none,
  convgru,
  gru,
  lstm,
};
