export { AdamW, type AdamWOptions, type AdamWReport, type AdamWStep, type Optimized } from "./adamw";
export { clipScale, globalNorm } from "./clip";
