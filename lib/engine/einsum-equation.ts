/** The labels of each operand and of the result, one letter an axis. */
export interface EinsumEquation {
  inputs: readonly string[];
  output: string;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * Parses an equation such as `bij,bjk->bik`. `...` stands for axes without a letter, which get unused letters here. All operands with
 * `...` must have the same number of such axes, with the same sizes.
 *
 * @param ranks the ranks of the operands
 * @throws Error when the equation has no arrow, does not fit the operands, or names a result axis that no operand has
 */
export function parseEinsum(equation: string, ranks: readonly number[]): EinsumEquation {
  const problem = (what: string) => new Error(`einsum("${equation}"): ${what}.`);
  const [left, output, ...more] = equation.replace(/\s/g, "").split("->");
  if (left === undefined || output === undefined || more.length > 0)
    throw problem('Expecting exactly one "->", with the labels of the result behind it');
  const inputs = left.split(",");
  if (inputs.length !== ranks.length)
    throw problem(`Expected ${inputs.length} input tensors, received ${ranks.length}`);
  const unnamed = inputs.map((labels, i) => ranks[i]! - labels.replace("...", "").length);
  const broadcast = Math.max(0, ...inputs.map((labels, i) => (labels.includes("...") ? unnamed[i]! : 0)));
  const free = [...ALPHABET].filter((letter) => !equation.includes(letter)).join("");
  const expand = (labels: string) => labels.replace("...", free.slice(0, broadcast));
  const expanded = { inputs: inputs.map(expand), output: expand(output) };
  for (const [i, labels] of expanded.inputs.entries()) {
    if (!/^[a-zA-Z]*$/.test(labels)) throw problem(`"${inputs[i]}" is not made of letters and "..."`);
    if (labels.length !== ranks[i])
      throw problem(`"${inputs[i]}" does not fit operand ${i + 1}, which has ${ranks[i]} axes`);
  }
  const missing = letters([expanded.output]).filter((letter) => !expanded.inputs.join("").includes(letter));
  if (missing.length > 0) throw problem(`no operand has "${missing.join('", "')}", which the result names`);
  return expanded;
}

/** Formats an equation as text, such as `bij,bjk->bik`. */
export const formatEinsum = ({ inputs, output }: EinsumEquation) => `${inputs.join(",")}->${output}`;

/** Returns the distinct letters of some labels. */
const letters = (labels: readonly string[]): string[] => [...new Set(labels.join(""))];
