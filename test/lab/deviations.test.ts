import { expect, test } from "vitest";
import { readArrays } from "../../lib/data/convert/arrays";
import { hasConvnet, labFile, labModels, largestDifference, SESSIONS } from "./lab";

/** The guide's table of deviations: the kinds of predictions that differ by one of them, and the largest sizes that the table states. */
const SIZES = [
  {
    deviation: "the order of frames",
    kinds: ["odd_blur_oldest_first", "odd_blur"],
    mean: 0.03,
    largest: 0.2,
  },
  { deviation: "the adapter's blur", kinds: ["odd_blur", "as_is"], mean: 0.0075, largest: 0.05 },
] as const;

test.each(labModels("predictions.npz").flatMap((model) => SIZES.map((size) => ({ model, ...size }))))(
  "$deviation changes the rates of $model by as much as the guide states",
  ({ model, kinds, mean, largest }) => {
    const arrays = readArrays(labFile("expected", model, "predictions.npz"));
    const [ours, theirs] = kinds.map((kind) =>
      SESSIONS.flatMap((name) => Array.from(arrays.get(`${name}/${kind}`)!.values as Float32Array)),
    );
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const share = sum(ours!.map((rate, i) => Math.abs(rate - theirs![i]!))) / sum(theirs!);
    expect(share).toBeLessThan(mean);
    expect(largestDifference(ours!, theirs!)).toBeLessThan(largest);
    if (hasConvnet(model)) expect(share).toBeGreaterThan(0);
    else expect(share).toBe(0);
  },
);
