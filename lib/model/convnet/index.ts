import type { Component, Plan, VideoShape } from "../../nn";
import { none } from "../none";
import { resnet } from "./resnet";
import { rotationEquivariant } from "./rotation-equivariant";
import { cnn, densenet } from "./stack";
import { vivit } from "./vivit";

/** `convnet.type` → convnet. */
export const convnets: Record<string, Component<[input: VideoShape], Plan>> = {
  none,
  cnn,
  vanilla: cnn,
  resnet,
  densenet,
  vivit,
  rotation_equivariant: rotationEquivariant,
};
