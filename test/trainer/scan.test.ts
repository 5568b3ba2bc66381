import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { saveCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { bestCheckpoint, ofModelType, scanCheckpoints } from "../../lib/trainer/checkpoint/scan";
import { NOTHING_GOES_ON } from "../../lib/trainer/checkpoint/state";
import { newFolder } from "../new-folder";

/** Makes a folder with empty files. */
function folderWith(...files: string[]): string {
  const folder = newFolder();
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

const LIGHTNING = "learned_resnet_none_convgru_gaussian_ddp_bs256_ds30_lr1e-3_wd1e-4";
const HISTORY = "learned_dense_concat_convgru_gaussian_history_ddp_bs64";

test("reads experiment, kind, epoch and score from names of Lightning and of gradbook", () => {
  const folder = folderWith(
    `${LIGHTNING}/epoch=07-val_bps_overall=0.1250.ckpt`,
    `${LIGHTNING}/epoch=08-val_bps_overall=0.1250-v1.ckpt`,
    `${LIGHTNING}/last.ckpt`,
    `${LIGHTNING}/epoch=09-val_bps_overall=nan.ckpt`,
    "project/mine-20310301-134502/checkpoints/epoch-003_val_bps_overall--0.0500.safetensors",
    "project/mine-20310301-134502/checkpoints/last.safetensors",
    "project/mine-20310301-134502/earlier-1/checkpoints/epoch-004_val_bps_overall-0.9000.safetensors",
    `${HISTORY}/epoch=01-val_loss_total=0.5.ckpt`,
    "core.safetensors",
  );
  const found = scanCheckpoints(folder).map(({ path: _, ...rest }) => rest);
  const lightning = {
    experiment: LIGHTNING,
    modelType: "resnet_none_convgru",
    valCorr: undefined,
    valLoss: undefined,
  };
  expect(found).toEqual([
    { ...lightning, epoch: 7, valBps: 0.125 },
    { ...lightning, epoch: 8, valBps: 0.125 },
    {
      experiment: "mine-20310301-134502",
      modelType: "mine",
      epoch: 3,
      valBps: -0.05,
      valCorr: undefined,
      valLoss: undefined,
    },
    {
      experiment: HISTORY,
      modelType: "dense_concat_convgru_history",
      epoch: 1,
      valBps: undefined,
      valCorr: undefined,
      valLoss: 0.5,
    },
  ]);
});

test("chooses by kind, otherwise by a part of the experiment's name, the best first", () => {
  const folder = folderWith(
    `${LIGHTNING}/epoch=01-val_bps_overall=0.1.ckpt`,
    `${LIGHTNING}/epoch=02-val_bps_overall=0.3.ckpt`,
    "learned_resnet_none_convgru_gaussian_large/epoch=02-val_bps_overall=0.9.ckpt",
  );
  expect(bestCheckpoint(folder, "resnet_none_convgru").valBps).toBe(0.3);
  expect(bestCheckpoint(folder, "learned_resnet_none_convgru_gaussian").valBps).toBe(0.3);
  expect(bestCheckpoint(folder, "resnet_none_convgru", 1).valBps).toBe(0.1);
  expect(bestCheckpoint(folder).valBps).toBe(0.9);
  expect(ofModelType(scanCheckpoints(folder), "RESNET").map(({ valBps }) => valBps)).toEqual([0.9, 0.3, 0.1]);
});

test("ranks models of responses that are not counts by their correlation", () => {
  const names = [
    "epoch-001_val_corr_overall-0.5000",
    "epoch-003_val_corr_overall-0.6100",
    "epoch-002_val_loss-0.1",
  ];
  const folder = folderWith(...names.map((name) => `${name}.safetensors`));
  expect(scanCheckpoints(folder).map(({ epoch, valCorr }) => [epoch, valCorr])).toEqual([
    [3, 0.61],
    [1, 0.5],
    [2, undefined],
  ]);
});

test.each(["val_bps_overall", "val_corr_overall"])(
  "compares %s inside of checkpoints whose names are equal after rounding",
  (metric) => {
    const folder = folderWith();
    const scores = [0.12341, 0.12344, 0.12342];
    scores.forEach((score, epoch) => {
      const state = {
        ...NOTHING_GOES_ON,
        format: 1,
        epoch,
        step: epoch,
        seed: 0,
        metrics: { [metric]: score, val_loss: 1 + epoch },
        config: {},
      } as const;
      saveCheckpoint(join(folder, `epoch-00${epoch}_${metric}-0.1234.safetensors`), new Map(), state);
    });
    expect(bestCheckpoint(folder).epoch).toBe(1);
  },
);

test("lists the contents of the folder when there is no such checkpoint", () => {
  const folder = folderWith(`${LIGHTNING}/epoch=01-val_bps_overall=0.1.ckpt`);
  expect(() => bestCheckpoint(folder, "vivit")).toThrow(
    `${folder}: holds no checkpoint of "vivit"; available: resnet_none_convgru`,
  );
  expect(() => bestCheckpoint(folder, "resnet", 1)).toThrow(
    `${folder}: holds 1 checkpoints of "resnet", numbered from 0, and none with the number 1`,
  );
  const empty = newFolder();
  expect(() => bestCheckpoint(empty)).toThrow(
    `${empty}: holds no checkpoint with a score in its name, such as epoch=02-val_bps_overall=0.1234.ckpt`,
  );
  expect(() => scanCheckpoints(join(empty, "none"))).toThrow(
    `${join(empty, "none")}: no such folder; check the path`,
  );
});
