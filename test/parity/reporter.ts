import { relative } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Prints a line for each component with its failing cases below it; the last line counts all cases. */
export default class ParityReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const groups = new Map<string, TestCase[]>();
    for (const module of modules) {
      for (const error of module.errors()) console.log(error.message);
      for (const test of module.children.allTests()) {
        // Excluded by the command line.
        if (test.result().state === "skipped") continue;
        const component = "name" in test.parent ? test.parent.name : relative(process.cwd(), module.moduleId);
        groups.set(component, [...(groups.get(component) ?? []), test]);
      }
    }
    const failures = [...groups].map(([component, tests]) => {
      const failed = tests.filter((test) => test.result().state !== "passed");
      const passed = tests.length - failed.length;
      console.log(`${component}: ${passed} passed${failed.length > 0 ? `, ${failed.length} failed` : ""}`);
      for (const test of failed) {
        const [error] = test.result().errors ?? [];
        console.log(`  ${test.name}: ${error?.message ?? test.result().state}`);
      }
      return failed.length;
    });
    const failed = failures.reduce((a, b) => a + b, 0);
    const all = [...groups.values()].reduce((sum, tests) => sum + tests.length, 0);
    console.log(`${all - failed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  }
}
