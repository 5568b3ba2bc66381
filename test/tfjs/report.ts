import type { Reporter, SpecResult } from "./jasmine";
import { KNOWN_FAILURES } from "./known-failures";

/** The number of lines of a stack that locate a failure; the other lines belong to Jasmine. */
const STACK_LINES = 3;

/** Counts the tests, and prints the name, the message and the location of each failure. */
export class Report implements Reporter {
  private passed = 0;
  private readonly failed = new Set<string>();
  /** Ways in which the run differs from what is documented. */
  private surprises = 0;

  specDone(result: SpecResult): void {
    if (result.status === "passed") this.specPassed(result.fullName);
    if (result.status === "failed") this.failure(result);
  }

  /** A suite fails when its `beforeAll` or `afterAll` fails. */
  suiteDone(result: SpecResult): void {
    if (result.failedExpectations.length > 0) this.failure(result);
  }

  /** Prints the counts. @returns whether all results are as documented */
  finish(): boolean {
    if (this.passed + this.failed.size === 0) console.log("No test has such a name.");
    console.log(`${this.passed} passed, ${this.failed.size} failed`);
    return this.surprises === 0 && this.passed + this.failed.size > 0;
  }

  private specPassed(name: string): void {
    this.passed++;
    if (!(name in KNOWN_FAILURES)) return;
    this.surprises++;
    console.log(`PASSED, though listed in known-failures.ts: ${name}\n`);
  }

  private failure({ fullName, failedExpectations }: SpecResult): void {
    this.failed.add(fullName);
    const reason = KNOWN_FAILURES[fullName];
    if (reason) {
      console.log(`known failure: ${fullName}\n  ${reason}\n`);
      return;
    }
    this.surprises++;
    console.log(`FAILED: ${fullName}`);
    for (const { message, stack } of failedExpectations) console.log(indented(message, stack));
    console.log();
  }
}

function indented(message: string, stack: string): string {
  const places = stack.split("\n").filter((line) => /^\s+at /.test(line) && !line.includes("jasmine-core"));
  return [message, ...places.slice(0, STACK_LINES)].map((line) => `  ${line.trim()}`).join("\n");
}
