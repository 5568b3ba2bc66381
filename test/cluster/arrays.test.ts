import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { MAIN } from "../cli/gradbook";
import { blocks } from "../docs/blocks";
import { newFolder } from "../new-folder";
import { notebook } from "../papermill/notebook";

/**
 * Programs in the place of schedulers. They run the tasks of an array at the same time, with the variables of
 * https://help.altair.com/2024.1.0/PBS%20Professional/PBSReferenceGuide2024.1.pdf and of
 * https://www.ibm.com/docs/en/spectrum-lsf/10.1.0?topic=variables-environment-set-job-execution.
 */
const SCHEDULERS = {
  qsub: `range=$2; shift 3
for i in $(seq \${range%-*} \${range#*-}); do (cd / && PBS_O_WORKDIR=$HERE PBS_ARRAY_INDEX=$i "$@") & done`,
  bsub: `range=\${2#*[}; range=\${range%]}
for i in $(seq \${range%-*} \${range#*-}); do LSB_JOBINDEX=$i sh -c "$3" & done`,
};

test.each(Object.entries(SCHEDULERS))(
  "the documented command of %s runs a sweep in parts",
  (name, program) => {
    const dir = newFolder();
    mkdirSync(join(dir, "bin"));
    writeFileSync(join(dir, "bin", name), `#!/bin/sh\nHERE=$PWD\n${program}\nwait\n`);
    chmodSync(join(dir, "bin", name), 0o755);
    const record = `import { record } from ${JSON.stringify(resolve("dist/lib/base/jupyter/table.js"))};
record({ score: 10 * seed });`;
    writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 0;", [record]));
    const { code } = blocks("sh").find(
      (block) => block.page === "docs/batch.md" && block.code.includes(name),
    )!;
    const line = code.split("\n").find((each) => each.startsWith(name))!;
    const two = line
      .replace("1,2,3,4,5,6,7,8", "1,2")
      .replace("0-7", "0-1")
      .replace("1-8", "1-2")
      .replace("/8", "/2");
    const env = { ...process.env, PATH: `${join(dir, "bin")}:${process.env.PATH}` };
    const command = two.replace("npx gradbook", `${process.execPath} ${MAIN}`);
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: dir, env, encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
    expect(readFileSync(join(dir, "runs", "sweep", "summary.csv"), "utf8")).toMatch(
      /^run,.*\r\nseed=1,completed,.*,1,10,\r\nseed=2,completed,.*,2,20,\r\n$/,
    );
  },
);
