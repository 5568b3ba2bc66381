import type { Component } from "../component";
import { depthwise } from "./depthwise";
import type { PlannedConv } from "./planned";
import { standard } from "./standard";

/** `conv_params.type` → convolution. */
export const convs: Record<string, Component<[outChannels: number, defaultBias: boolean], PlannedConv>> = {
  standard,
  depthwise,
};
