/** An error reported by TensorFlow, with its status code (`TF_Code`). */
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

/** An error for a tensor or a compiled function that needs more memory than is available. The process and all tensors stay intact. */
export class OutOfMemoryError extends TensorFlowError {
  override readonly name = "OutOfMemoryError";
  constructor(what: string, message: string) {
    super(what, RESOURCE_EXHAUSTED, message);
  }
}

/** An error for a missing or unusable TensorFlow library. The message says which command to run. */
export class TensorFlowNotFound extends Error {
  override readonly name = "TensorFlowNotFound";
}
