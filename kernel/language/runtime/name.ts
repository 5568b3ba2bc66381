/** The global name under which compiled cells find the kernel. */
export const RUNTIME = "__cell__";

/** Where configurations (lib/nn/load-module.ts) ask for modules that cells have imported. */
export const MODULES = Symbol.for("gradbook.modules");
