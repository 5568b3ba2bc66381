/** The global name under which compiled cells find the kernel. */
export const RUNTIME = "__cell__";

/** The key under which the library (lib/base/config/user-module.ts) finds the loader of the user's modules. */
export const MODULES = Symbol.for("gradbook.modules");
