import type { Progress } from "./progress";

/** One part of the set-up. It runs when it is not done, and leaves either all of its result or none. */
export interface Step {
  /** The title that a person reads, such as `Python packages in .venv`. */
  title: string;
  isDone(): boolean;
  /** @throws SetupError when this machine lacks something */
  run(progress: Progress): Promise<void>;
}
