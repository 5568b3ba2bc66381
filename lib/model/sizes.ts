import { product } from "../base/arrays/shape";
import { ConfigError, type Problem } from "../base/config";
import { bytesInWords } from "../engine/bytes";
import { memoryLimit } from "../engine/memory";
import { type Place, prefixed, problemAt, type WeightSpec } from "../nn";
import { keptBy, type PlanFacts, sizeOf } from "../nn/plan";

/** The largest size, length or number of channels of a model. */
const LARGEST = 65_536;
/** The largest number of consecutive layers or blocks of a model. */
const MOST_LAYERS = 1000;
/** The largest number of elements of one tensor: many of TensorFlow's kernels count them with 32 bits. */
const MOST_ELEMENTS = 2 ** 31 - 1;
/** The largest number of values that a stage may keep for one sample: 1 GiB of float32. */
const MOST_KEPT = 2 ** 28;
/** The largest number of pixels that the readouts can read. */
const MOST_PIXELS = 2 ** 22;
const FLOAT_BYTES = 4;

/** Finds integers in a stage's options that are too large for a size, before planning. */
export function sizeProblems(options: unknown, path: string): Problem[] {
  if (typeof options === "number") {
    const most = /(layers|blocks|depth)$/.test(path) ? MOST_LAYERS : LARGEST;
    if (!Number.isInteger(options) || Math.abs(options) <= most) return [];
    return [{ path, message: `is ${options}; it cannot be more than ${most.toLocaleString("en")}` }];
  }
  if (options === null || typeof options !== "object") return [];
  return Object.entries(options).flatMap(([key, inner]) => sizeProblems(inner, `${path}.${key}`));
}

/**
 * Checks that stages can be allocated.
 *
 * @throws ConfigError that names the weights and stages
 */
export function requireAllocatable(
  stages: readonly (readonly [stage: string, facts: PlanFacts])[],
  { where }: Pick<Place, "where">,
): void {
  const problems = stages.flatMap(([stage, facts]) => {
    const pixels = facts.output.height * facts.output.width;
    const kept = Math.max(keptBy(facts), sizeOf(facts.output));
    if (!(kept <= MOST_KEPT))
      return [
        { path: stage, message: `would keep ${inBytes(kept)} for each sample; make its sizes smaller` },
      ];
    if (!(pixels <= MOST_PIXELS))
      return [
        {
          path: stage,
          message: `gives frames of ${pixels.toLocaleString("en")} pixels; make its sizes smaller`,
        },
      ];
    return weightProblems(prefixed(stage, facts.weights));
  });
  if (problems.length > 0) throw new ConfigError(where, problems);
}

/**
 * Checks that weights can be allocated, individually and together.
 *
 * @throws ConfigError that names them
 */
export function requireWeights(weights: readonly WeightSpec[], { where }: Pick<Place, "where">): void {
  const problems = weightProblems(weights);
  if (problems.length > 0) throw new ConfigError(where, problems);
  const all = weights.reduce((sum, { shape }) => sum + product(shape), 0);
  if (FLOAT_BYTES * all <= memoryLimit()) return;
  const message = `its weights would have ${inBytes(all)} together, but ${bytesInWords(memoryLimit())} may be used; make the model smaller`;
  throw problemAt({ where, path: "" }, message);
}

function weightProblems(weights: readonly WeightSpec[]): Problem[] {
  return weights.flatMap(({ name, shape }) => {
    const elements = product(shape);
    if (elements <= MOST_ELEMENTS && FLOAT_BYTES * elements <= memoryLimit()) return [];
    const message = `the weight [${shape.join(", ")}] would have ${inBytes(elements)}; make its layer smaller`;
    return [{ path: name, message }];
  });
}

const inBytes = (elements: number) => bytesInWords(FLOAT_BYTES * elements);
