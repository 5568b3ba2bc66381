/**
 * A problem of this machine: no Python, no network, no disk space. The message is one line that says what to do, and is
 * shown without a stack.
 */
export class SetupError extends Error {
  override readonly name = "SetupError";
}
