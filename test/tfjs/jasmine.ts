/** The part of Jasmine 4 that the runner uses, because the package ships no types: https://jasmine.github.io/api/4.6/ */

export interface SpecResult {
  fullName: string;
  status: "passed" | "failed" | "pending" | "excluded";
  failedExpectations: readonly { message: string; stack: string }[];
}

export interface Reporter {
  specDone?(result: SpecResult): void;
  suiteDone?(result: SpecResult): void;
}

interface Env {
  configure(options: { random: boolean; specFilter(spec: { getFullName(): string }): boolean }): void;
  addReporter(reporter: Reporter): void;
  execute(): Promise<{ incompleteReason?: string; failedExpectations: SpecResult["failedExpectations"] }>;
}

interface Jasmine {
  getEnv(): Env;
  DEFAULT_TIMEOUT_INTERVAL: number;
}

const globals = (
  require("jasmine-core") as { noGlobals(): { jasmine: Jasmine } & Record<string, unknown> }
).noGlobals();
// tfjs's tests expect `describe`, `it` and other functions as globals when their files are loaded.
Object.assign(globalThis, globals);

export const { jasmine } = globals;
