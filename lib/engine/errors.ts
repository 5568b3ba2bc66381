/** An error of TensorFlow itself, with its status code (`TF_Code`). */
export class TensorFlowError extends Error {
  override readonly name: string = "TensorFlowError";
  constructor(
    what: string,
    readonly code: number,
    message: string,
  ) {
    super(`${what}: ${message}`);
  }
}

/** `TF_RESOURCE_EXHAUSTED` */
export const RESOURCE_EXHAUSTED = 8;

/** A tensor or a compiled function that needs more memory than there is. The process and all tensors are as before. */
export class OutOfMemoryError extends TensorFlowError {
  override readonly name = "OutOfMemoryError";
  constructor(what: string, message: string) {
    super(what, RESOURCE_EXHAUSTED, message);
  }
}

/** TensorFlow was not found, or what was found cannot be used. The message says what to run. */
export class TensorFlowNotFound extends Error {
  override readonly name = "TensorFlowNotFound";
}
