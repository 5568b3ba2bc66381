import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Detects a second copy of tfjs. Users import tfjs themselves; their code runs on this engine when their project and this package resolve
 * to the same copy. All copies in a process share one tfjs engine (a global), so a second copy seems to work; but it replaces this
 * engine's gradients with its own, and its kernels may belong to another version.
 */

/** The packages that register something when they are loaded, with the names of their main files. */
const PACKAGES = { "@tensorflow/tfjs-core": "tf-core.node.js", "@tensorflow/tfjs": "tf.node.js" } as const;
type Package = keyof typeof PACKAGES;
const NAMES = Object.keys(PACKAGES) as Package[];

const own = createRequire(__filename);

/** Returns the main file of the copy that this package uses; `@tensorflow/tfjs` is an optional peer dependency. */
function installed(name: Package): string | undefined {
  return resolveFrom(__filename, name);
}

interface SecondCopy {
  name: Package;
  /** Main files. */
  ours: string;
  theirs: string;
}

/**
 * Emits one process warning when the user's project would load another copy of tfjs than this package. The check loads nothing.
 */
export function warnOfSecondTfjs(): void {
  const second = loadedTwice() ?? resolvedTwice();
  if (second) process.emitWarning(describe(second), { code: "GRADBOOK_TWO_TFJS" });
}

/** Checks for a second loaded copy. @throws Error when two copies of tfjs are loaded */
export function refuseSecondTfjs(): void {
  const second = loadedTwice();
  if (second) throw new Error(describe(second));
}

function loadedTwice(): SecondCopy | undefined {
  const loaded = Object.keys(own.cache);
  for (const name of NAMES) {
    const ours = installed(name);
    if (!ours) continue;
    const file = join(name, "dist", PACKAGES[name]);
    const theirs = loaded.find((path) => path !== ours && path.endsWith(file));
    if (theirs) return { name, ours, theirs };
  }
  return undefined;
}

/** Resolves tfjs as the user's code would: from the working folder, from the running script, and from the tfjs found there. */
function resolvedTwice(): SecondCopy | undefined {
  const places = [join(process.cwd(), "index.js"), process.argv[1]].filter((place) => place !== undefined);
  const found = places.flatMap((place) => {
    const tfjs = resolveFrom(place, "@tensorflow/tfjs");
    return [
      { name: "@tensorflow/tfjs" as const, theirs: tfjs },
      { name: "@tensorflow/tfjs-core" as const, theirs: resolveFrom(place, "@tensorflow/tfjs-core") },
      { name: "@tensorflow/tfjs-core" as const, theirs: tfjs && resolveFrom(tfjs, "@tensorflow/tfjs-core") },
    ];
  });
  for (const { name, theirs } of found) {
    const ours = installed(name);
    if (ours && theirs && theirs !== ours) return { name, ours, theirs };
  }
  return undefined;
}

function resolveFrom(file: string, name: Package): string | undefined {
  try {
    return createRequire(file).resolve(name);
  } catch {
    return undefined;
  }
}

function describe({ name, ours, theirs }: SecondCopy): string {
  const [mine, yours] = [about(ours), about(theirs)];
  return (
    `There are two copies of ${name}: ${mine.version} in ${mine.folder}, which gradbook uses, and ${yours.version} in ` +
    `${yours.folder}. Code on the second one may get wrong gradients and miss TensorFlow's kernels. Use ${mine.version} in your ` +
    `project too (\`npm install ${NAMES.map((n) => `${n}@${mine.version}`).join(" ")}\`, then \`npm dedupe\`); if another ` +
    `package asks for the other, put "overrides": {"${name}": "${mine.version}"} into package.json. Or import { tf } from "gradbook".`
  );
}

function about(main: string): { folder: string; version: string } {
  const folder = dirname(dirname(main));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return { folder, version };
}
