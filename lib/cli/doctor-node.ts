import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, tf } from "../engine";
import { packageRoot } from "./setup";

/**
 * Returns the version of the running Node, with a remark when package.json's `engines` does not list it: only those
 * versions are tested.
 *
 * @throws Error when it is older than all versions that `engines` lists
 */
export function nodeVersion(): string {
  const { engines } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    engines: { node: string };
  };
  const [here] = versionsIn(process.version);
  const tested = versionsIn(engines.node);
  if (tested.some(({ major, minor }) => here!.major === major && here!.minor >= minor))
    return process.version;
  if (tested.every(({ major }) => here!.major <= major))
    throw new Error(`${process.version} is too old: gradbook is tested with Node ${engines.node}`);
  return `${process.version}, which is not among the tested versions: ${engines.node}`;
}

const versionsIn = (text: string) =>
  [...text.matchAll(/(\d+)(?:\.(\d+))?[.\d]*/g)].map(([, major, minor]) => ({
    major: Number(major),
    minor: Number(minor ?? 0),
  }));

/** Returns the results of an eager operation, of a kernel with options and of a compiled gradient, which any training needs. */
export async function tensorOperations(): Promise<string> {
  const sum = tf.tidy(() => tf.add(20, 22).dataSync()[0]);
  const largest = tf.tidy(() => tf.topk(tf.tensor1d([1, 3, 2]), 1).values.dataSync()[0]);
  const step = compile((x: tf.Scalar) => tf.grad((at: tf.Tensor) => tf.square(at))(x));
  const gradient = await step(3);
  const [slope] = gradient.dataSync();
  gradient.dispose();
  if (sum !== 42 || largest !== 3 || slope !== 6)
    throw new Error(
      `wrong results: 20 + 22 = ${sum}, max(1, 3, 2) = ${largest}, slope of x² at 3 = ${slope}`,
    );
  return "20 + 22 = 42, max(1, 3, 2) = 3, slope of x² at 3 = 6";
}
