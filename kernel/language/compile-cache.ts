import module from "node:module";

/** Node's cache of compiled code. Node 20 lacks it. */
interface CompileCache {
  enableCompileCache?(): unknown;
  flushCompileCache?(): void;
}

const cache = module as CompileCache;

/**
 * Lets Node keep the compiled code of TypeScript on disk, which halves the time to load it. This file must be imported before TypeScript.
 * NODE_COMPILE_CACHE names another folder, and NODE_DISABLE_COMPILE_CACHE=1 disables the cache.
 */
cache.enableCompileCache?.();

/** Writes what this thread has compiled. Node does so by itself only when a thread ends, and a kernel ends by a signal. */
export const flushCompileCache = (): void => cache.flushCompileCache?.();
