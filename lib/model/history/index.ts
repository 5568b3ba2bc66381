import type { Component } from "../../nn";
import { mlp } from "./mlp";
import type { PlannedHistory } from "./planned";

/** `history_encoder.type` → one session's encoder, for its number of units. */
export const histories: Record<string, Component<[units: number], PlannedHistory>> = { mlp };
