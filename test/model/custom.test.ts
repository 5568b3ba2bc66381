import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../new-folder";

test("trains a core and a frontend of a user's module, and explains errors in one", () => {
  const dir = newFolder();
  // A process like that of a user's script: the module must share the library with it.
  const args = ["--import", "tsx", join(__dirname, "custom", "train.ts"), dir];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  expect(JSON.parse(output.trim().split("\n").at(-1)!)).toEqual({
    stopped: "completed",
    moved: true,
    samplingRate: 240,
    failures: {
      file: './model.yaml: convnet.type: "./my_cor.ts#MyCore": the file ./my_cor.ts does not exist',
      name: './model.yaml: convnet.type: ./my_core.ts has no such export: "MyCor" is not one of: MyCore, MyFrontend, notACore (did you mean "MyCore"?)',
      kind: "./model.yaml: convnet.type: notACore of ./my_core.ts is not a component; make it with component(options, plan)",
      option: './model.yaml: convnet.params: unknown key "powr" is not one of: power (did you mean "power"?)',
    },
  });
});
