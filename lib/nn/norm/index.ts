import type { Component } from "../component";
import type { Plan } from "../plan";
import type { VideoShape } from "../shape";
import { batch } from "./batch";
import { grn } from "./grn";
import { group } from "./group";
import { instance } from "./instance";
import { layer } from "./layer";
import { none } from "./none";
import { rms } from "./rms";

/** `norm_type` → norm. */
export const norms: Record<string, Component<[input: VideoShape], Plan>> = {
  batch,
  instance,
  layer,
  rms,
  group,
  grn,
  none,
};
