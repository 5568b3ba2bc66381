import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dump } from "js-yaml";
import { readYaml } from "../../../lib/base/config";
import { loadSessions, writeSession } from "../../../lib/data";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily } from "../family";
import { tinySession } from "../tiny-session";
import { editTree, treeEdits } from "../tree";

/** Keys that the repository's configuration does not use. */
const MORE = {
  behavior: { source: "pupil", ops: [{ diff: {} }, { smooth: { sigma: 2 } }, { maxnorm: {} }, { symlog: {} }, { splitrelu: {} }], expose_as: "behavior", concatenate: true },
  eyepos: { source: "eyepos", ops: [{ mul: { factor: 2 } }] },
}; // biome-ignore format: a table

/** Configurations of sessions: the parent and the file of a session, read together with the session that they name. */
export const family = defineFamily({
  inputs: fc.record({
    parent: treeEdits,
    own: fc.option(treeEdits, { nil: [] }),
    bytes: fc.option(byteEdits, { freq: 4, nil: [] }),
    dtype: fc.constantFrom("uint8" as const, "float32" as const),
  }),
  async prepare(folder) {
    const demo = readYaml(join("configs", "sessions", "demo.yaml")) as Record<string, object>;
    const transforms = { ...demo.transforms, ...MORE };
    const parent = { ...demo, types: ["noise"], session_dir: ".", sessions: ["a_1"], transforms };
    const own = {
      cids: [1, 2],
      seed: 3,
      datafilters: { dfs: { ops: [{ missing_pct: { threshold: 40 } }] } },
    };
    await writeSession(join(folder, "a_1.h5"), tinySession());
    const file = join(folder, "parent.yaml");
    return async (input) => {
      const changed = dump(editTree(parent, input.parent, [parent, own]));
      writeFileSync(file, editBytes(Buffer.from(changed), input.bytes));
      writeFileSync(join(folder, "a_1.yaml"), dump(editTree(own, input.own, [parent, own])));
      await loadSessions(file, { dsetDtype: input.dtype });
    };
  },
});
