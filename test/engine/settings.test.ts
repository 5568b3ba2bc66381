import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configureEngine, devices } from "../../lib/engine";
import { checkVersion, mapLibraries, missingInstructions } from "../../lib/engine/library";
import { platform } from "../../lib/engine/platform";
import { toConfigProto } from "../../lib/engine/settings";
import { run } from "./child";

test("lists the processors that TensorFlow found", () => {
  expect(devices().map(({ type }) => type)).toContain("CPU");
});

test("checks settings by name and value", () => {
  const wrong = (settings: object) => () => configureEngine(settings);
  expect(wrong({ memoryFraction: 2 })).toThrow(
    "engine settings: memoryFraction is 2, but must be above 0 and at most 1",
  );
  expect(wrong({ device: "tpu" })).toThrow('engine settings: device is "tpu", but must be auto, cpu or gpu');
  expect(wrong({ intraOpThreads: 1.5 })).toThrow("intraOpThreads is 1.5, but must be a whole number above 0");
  expect(wrong({ threads: 2 })).toThrow(
    "engine settings: unknown threads; allowed: device, intraOpThreads, interOpThreads, memoryGrowth, memoryFraction, memoryLimit",
  );
});

test("rejects changes of devices and threads while TensorFlow runs", () => {
  devices();
  expect(() => configureEngine({ intraOpThreads: 1 })).toThrow(
    "configureEngine: intraOpThreads can only be set before the first tensor is made, and TensorFlow is already running; " +
      "call it at the top of the program, or restart the kernel.",
  );
});

test("passes settings to TensorFlow as its ConfigProto", () => {
  expect([...toConfigProto({ intraOpThreads: 3, interOpThreads: 200 })]).toEqual([16, 3, 40, 200, 1]);
  expect([...toConfigProto({ device: "cpu" })]).toEqual([10, 7, 10, 3, 71, 80, 85, 16, 0]);
  const gpu = toConfigProto({ memoryFraction: 0.5, memoryGrowth: true });
  expect([...gpu]).toEqual([50, 11, 9, 0, 0, 0, 0, 0, 0, 224, 63, 32, 1]);
});

test("applies settings made before the first tensor", () => {
  const done = run(
    `configureEngine({ intraOpThreads: 1, device: "cpu" }); console.log(tf.add(1, 1).dataSync()[0], devices().length);`,
  );
  expect(done).toMatchObject({ status: 0, stdout: "2 1\n" });
});

test.skipIf(process.env.CUDA_VISIBLE_DEVICES)("reports a missing GPU with one clear error", () => {
  const done = run(
    `configureEngine({ device: "gpu" }); try { tf.add(1, 1) } catch (e) { console.log(e.name, e.message) }`,
    { CUDA_VISIBLE_DEVICES: "-1" },
  );
  expect(done.stdout).toMatch(
    /^TensorFlowNotFound device "gpu" was asked for, but TensorFlow found none: either this is its CPU build, or there is no NVIDIA driver/,
  );
});

test("reports a version of TensorFlow that the engine does not support", () => {
  const wrong = (version: string) => () => checkVersion(version, "/some/tensorflow");
  expect(wrong("2.9.1")).toThrow(
    "TensorFlow in /some/tensorflow has version 2.9.1, but 2.18 or a later 2.x is needed. Run `gradbook setup`, which " +
      "installs the right one, or set GRADBOOK_TENSORFLOW to another folder.",
  );
  expect(wrong("3.0.0")).toThrow("has version 3.0.0");
  expect(wrong("2.21.0")).not.toThrow();
});

test.runIf(process.platform === "linux")("reports a library for another processor", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    // The first bytes of an ELF file for a 32-bit ARM.
    const header = Buffer.alloc(64);
    header.write("\x7fELF", "latin1");
    header.writeUInt16LE(40, 18);
    for (const file of platform().libraries) writeFileSync(join(folder, file), header);
    expect(() => mapLibraries(folder)).toThrow(
      `TensorFlow in ${folder} cannot be loaded: it was built for arm, and this process runs on ${process.arch}. Remove that ` +
        `folder and run \`gradbook setup\`, or set GRADBOOK_TENSORFLOW to a build for ${process.arch}.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.runIf(process.arch === "x64")("reports a CPU without the instructions that TensorFlow requires", () => {
  expect(missingInstructions(new Set(["sse4_2"]))).toMatch(/^it needs a CPU with AVX instructions/);
  expect(missingInstructions(new Set(["sse4_2", "avx"]))).toBeUndefined();
});
