export { AdamW, type AdamWOptions, type Optimized } from "./adamw";
