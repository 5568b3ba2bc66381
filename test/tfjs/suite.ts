// The order matters: first Jasmine's globals, then the environment, then the tests, which need both when they are
// loaded.
import { jasmine } from "./jasmine";
import "./environment";
import "@tensorflow/tfjs-core/dist/tests";
import { binding } from "../../lib/engine/backend";
import { Report } from "./report";
import { SKIPPED } from "./skipped";

/** tfjs's own limit for one test. */
jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;

async function main(part: string): Promise<void> {
  console.log(`tfjs-core's tests on TensorFlow ${binding.TF_Version}\n`);
  const report = new Report();
  const env = jasmine.getEnv();
  env.configure({
    random: false,
    specFilter: (spec) => {
      const name = spec.getFullName();
      return name.includes(part) && !SKIPPED.some((skipped) => name.includes(skipped));
    },
  });
  env.addReporter(report);
  await env.execute();
  if (!report.finish()) process.exitCode = 1;
}

void main(process.argv[2] ?? "");
