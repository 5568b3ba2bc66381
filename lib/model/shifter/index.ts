import { z } from "zod";
import { type Component, component } from "../../nn";
import { mlp } from "./mlp";
import type { PlannedShifter } from "./planned";

/** Does not shift positions. */
const none = component(z.strictObject({}), (): PlannedShifter => ({ weights: [] }));

/** `shifter.type` → the shifters of all sessions. */
export const shifters: Record<string, Component<[sessions: number], PlannedShifter>> = { none, mlp };
