import fc from "fast-check";

/** One change of a tree of mappings, lists and values; `at` selects a position and wraps around. */
export type TreeEdit =
  | { how: "replace" | "add"; at: number; value: unknown }
  | { how: "copy"; at: number; from: number }
  | { how: "wrap" | "remove"; at: number }
  | { how: "scale"; at: number; by: number };

const nested = (depth: number) => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1);

/** Values that programs tend to forget. */
const values = fc.constantFrom<unknown>(
  null, true, false, "", "x", "none", "0", "1e3", "constructor", "__proto__", "./x.ts#y", "../../x", "\u0000", "\ud800",
  "a".repeat(10_000), -1, -0, 0, 0.5, 1, 2, 3, 5, 7, 64, 1000, 65_536, 1e7, 2 ** 31, 2 ** 32, 2 ** 53, 1e15, 1e308, -1e308,
  Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, [], {}, [[]], [null], { type: "none" }, { type: null },
  [1, 2, 3], [0, 0, 0], [-1, 1e9], ["x"], nested(50), { constructor: 1 }, new Array(5000).fill(0),
); // biome-ignore format: a table

const at = fc.nat(2 ** 30);

/** Changes of a tree. */
export const treeEdits: fc.Arbitrary<TreeEdit[]> = fc.array(
  fc.oneof(
    fc.record({ how: fc.constantFrom("replace" as const, "add" as const), at, value: values }),
    fc.record({ how: fc.constant("copy" as const), at, from: at }),
    fc.record({ how: fc.constantFrom("wrap" as const, "remove" as const), at }),
    fc.record({
      how: fc.constant("scale" as const),
      at,
      by: fc.constantFrom(-1, 0.5, 2, 10, 1000, 1e6, 1e12),
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

type Holder = Record<PropertyKey, unknown>;
interface Spot {
  readonly holder: Holder;
  readonly key: string;
}

/**
 * Returns a changed copy of a tree.
 *
 * @param donors trees whose parts `copy` may take, such as other valid files; default: the tree itself
 */
export function editTree(
  tree: unknown,
  edits: readonly TreeEdit[],
  donors: readonly unknown[] = [tree],
): unknown {
  const root: Holder = { tree: structuredClone(tree) };
  const parts = donors.flatMap((donor) => spotsOf({ donor }));
  for (const edit of edits) {
    const spots = spotsOf(root);
    // An earlier edit may have removed the whole tree.
    if (spots.length > 0) change(spots[edit.at % spots.length]!, edit, parts);
  }
  return root.tree;
}

function change({ holder, key }: Spot, edit: TreeEdit, parts: readonly Spot[]): void {
  const found = holder[key];
  switch (edit.how) {
    case "replace":
      put(holder, key, structuredClone(edit.value));
      return;
    case "add":
      if (found !== null && typeof found === "object")
        put(found as Holder, Array.isArray(found) ? found.length : "added", edit.value);
      return;
    case "copy": {
      const part = parts[edit.from % parts.length]!;
      put(holder, key, structuredClone(part.holder[part.key]));
      return;
    }
    case "wrap":
      put(holder, key, [found]);
      return;
    case "remove":
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case "scale":
      if (typeof found === "number") put(holder, key, found * edit.by);
  }
}

const put = (holder: Holder, key: PropertyKey, value: unknown) =>
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });

/** Returns all positions of a tree, the outer ones first. */
function spotsOf(holder: Holder): Spot[] {
  return Object.keys(holder).flatMap((key) => {
    const inner = holder[key];
    const deeper = inner !== null && typeof inner === "object" ? spotsOf(inner as Holder) : [];
    return [{ holder, key }, ...deeper];
  });
}
