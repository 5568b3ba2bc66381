import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { canMount, mounting } from "../mounting";

test.runIf(canMount)(
  "a full disk produces a warning; the run continues and the last good checkpoint stays whole",
  () => {
    const dir = mkdtempSync(join(tmpdir(), "gradbook-"));
    const copy = `${dir}.safetensors`;
    const script = [
      `mount -t tmpfs -o size=200k tmpfs ${dir}`,
      `"${process.execPath}" --import tsx test/faults/full-disk.ts ${dir}`,
      `cp ${dir}/run/checkpoints/last.safetensors ${copy}`,
      `ls ${dir}/run/checkpoints`,
    ].join(" && ");
    const { stdout, stderr, status } = mounting(".", script);
    rmSync(dir, { recursive: true });
    expect(status, stderr).toBe(0);
    const [told, ...files] = stdout.trim().split("\n");
    const { stopped, epochs, warned } = JSON.parse(told!) as {
      stopped: string;
      epochs: number;
      warned: string[];
    };
    expect([stopped, epochs]).toEqual(["completed", 5]);
    expect(warned.join("\n")).toContain(
      "was not written (ENOSPC: no space left on device, write); the run continues, and earlier checkpoints are intact",
    );
    expect(readCheckpoint(copy).state.epoch, "the last one that the disk took").toBe(1);
    rmSync(copy);
    expect(files.filter((file) => !file.endsWith(".safetensors"))).toEqual([]);
  },
  60_000,
);

test.runIf(canMount)(
  "a disk that is full from the start is an error before the training, and leaves no lock file",
  () => {
    const dir = mkdtempSync(join(tmpdir(), "gradbook-"));
    const script = [
      `mount -t tmpfs -o size=200k tmpfs ${dir}`,
      `(cat /dev/zero > ${dir}/ballast 2> /dev/null; true)`,
      `("${process.execPath}" --import tsx test/faults/full-disk.ts ${dir}; true)`,
      `ls -A ${dir}/run`,
    ].join(" && ");
    const { stdout, stderr } = mounting(".", script);
    rmSync(dir, { recursive: true });
    expect(stderr).toContain(
      `${dir}/run: cannot be written (ENOSPC: no space left on device, write); free some space, or give a folder that you may write`,
    );
    expect(stdout.trim()).toBe("");
  },
  60_000,
);
