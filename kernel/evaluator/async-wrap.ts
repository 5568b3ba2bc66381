import { createRequire } from "node:module";

/** Node's record of asynchronous contexts (`lib/internal/async_hooks.js`), which has no public API. */
export interface AsyncWrap {
  async_hook_fields: Uint32Array;
  constants: Record<(typeof FIELDS)[number], number>;
  clearAsyncIdStack(): void;
}

const FIELDS = ["kInit", "kBefore", "kAfter", "kDestroy", "kPromiseResolve", "kTotals", "kCheck"] as const;

/**
 * Returns Node's bookkeeping. kernel.json starts Node with `--expose-internals`, which makes it reachable (lib/cli/setup/kernel.ts).
 *
 * @throws Error when Node was started without that flag, or keeps asynchronous contexts in another form
 */
export function asyncWrap(): AsyncWrap {
  const { internalBinding } = createRequire(__filename)("internal/test/binding") as {
    internalBinding(name: string): AsyncWrap;
  };
  const binding = internalBinding("async_wrap");
  const { async_hook_fields: fields, constants, clearAsyncIdStack } = binding;
  const isKnown =
    fields instanceof Uint32Array &&
    typeof clearAsyncIdStack === "function" &&
    FIELDS.every((name) => fields[constants[name]] !== undefined);
  if (!isKnown) throw new Error(`Node ${process.version} keeps asynchronous contexts in another form`);
  return binding;
}
