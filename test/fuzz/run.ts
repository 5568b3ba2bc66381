import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FAMILIES } from "./family";
import { runFamily } from "./run-family";

/**
 * Feeds hostile inputs to every family, or to the named ones. The last line counts the inputs. `npm run test:fuzz --
 * FAMILY --seed S --only INDEX` repeats a failing input.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      inputs: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
    },
  });
  const chosen = Object.keys(FAMILIES).filter(
    (name) => positionals.length === 0 || positionals.includes(name),
  );
  const [first, last] =
    values.only === undefined ? [0, Number(values.inputs)] : [Number(values.only), Number(values.only) + 1];
  let [passed, failed] = [0, 0];
  const waiting = [...chosen];
  const work = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const began = performance.now();
      const failures = await runFamily(name, { seed: Number(values.seed), first, last });
      failed += failures.length;
      passed += last - first - failures.length;
      console.log(
        `${name}: ${last - first} inputs, ${failures.length} failed, ${Math.round((performance.now() - began) / 1000)} s`,
      );
      for (const { index, reason, input = "" } of failures)
        console.log(`  ${index}: ${reason}\n    ${input.slice(0, 1000)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main();
