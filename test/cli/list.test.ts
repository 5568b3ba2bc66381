import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { listCommand } from "../../lib/cli/list";
import { newFolder } from "../new-folder";

const EXPERIMENT = "learned_resnet_none_convgru_gaussian_ddp_bs256";
let folder: string;

beforeEach(() => {
  folder = newFolder();
  mkdirSync(join(folder, EXPERIMENT));
  for (const name of ["epoch=01-val_bps_overall=0.1000", "epoch=04-val_bps_overall=0.2500"])
    writeFileSync(join(folder, EXPERIMENT, `${name}.ckpt`), "");
});

function printed(...args: string[]): string {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    listCommand().parse([folder, ...args], { from: "user" });
    return log.mock.calls.map((words) => words.join(" ")).join("\n");
  } finally {
    log.mockRestore();
  }
}

test("lists the checkpoints of a folder, the best first", () => {
  expect(printed()).toBe(
    [
      `model                val_bps  val_loss  epoch  checkpoint`,
      `resnet_none_convgru  0.2500             4      ${EXPERIMENT}/epoch=04-val_bps_overall=0.2500.ckpt`,
      `resnet_none_convgru  0.1000             1      ${EXPERIMENT}/epoch=01-val_bps_overall=0.1000.ckpt`,
    ].join("\n"),
  );
});

test("prints the path of the best one for scripts, and the list as JSON", () => {
  const best = join(folder, EXPERIMENT, "epoch=04-val_bps_overall=0.2500.ckpt");
  expect(printed("--model_type", "resnet_none_convgru", "--best")).toBe(best);
  expect(JSON.parse(printed("--json"))[0]).toEqual({
    path: best,
    experiment: EXPERIMENT,
    modelType: "resnet_none_convgru",
    epoch: 4,
    valBps: 0.25,
  });
});

test("rejects a kind of model that the folder does not hold", () => {
  expect(() => printed("--model_type", "vivit")).toThrow(
    `${folder}: holds no checkpoint of "vivit"; available: resnet_none_convgru`,
  );
});
