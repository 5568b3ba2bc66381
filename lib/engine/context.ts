import { type CApi, capi, type Pointer } from "./capi";

/** TensorFlow's eager context of this process: one, made on first use, kept until the process ends. */
export interface Context {
  c: CApi;
  pointer: Pointer;
  /** The status that synchronous calls write to; asynchronous ones bring their own. */
  status: Pointer;
  /** Throws what the last synchronous call reported. */
  check(what: string): void;
}

/** An error of TensorFlow itself, with its status code (`TF_Code`). */
export class TensorFlowError extends Error {
  override readonly name = "TensorFlowError";
  constructor(
    what: string,
    readonly code: number,
    message: string,
  ) {
    super(`${what}: ${message}`);
  }
}

let current: Context | undefined;

/** @throws TensorFlowNotFound when there is no library */
export function context(): Context {
  current ??= create();
  return current;
}

function create(): Context {
  const c = capi();
  const status = c.newStatus();
  const check = (what: string) => checkStatus(c, status, what);
  const options = c.newContextOptions();
  const pointer = c.newContext(options, status);
  c.deleteContextOptions(options);
  check("TensorFlow's context");
  return { c, pointer, status, check };
}

/** @throws TensorFlowError when `status` is not OK */
export function checkStatus(c: CApi, status: Pointer, what: string): void {
  const code = c.getCode(status);
  if (code !== 0) throw new TensorFlowError(what, code, c.message(status));
}
