import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { platform } from "../../lib/engine/platform";
import { run } from "./child";

test("ends by itself with exit code 0 and prints nothing", () => {
  const done = run(
    `const f = compile((x) => tf.mul(x, 2)); console.log((await f(tf.scalar(21))).dataSync()[0]);`,
  );
  expect(done).toMatchObject({ status: 0, stdout: "42\n", stderr: "" });
});

test("keeps an exit code set by the script", () => {
  expect(run(`tf.scalar(1).dataSync(); process.exit(3);`)).toMatchObject({ status: 3, stderr: "" });
});

test("does not load TensorFlow on import, and names the command to run when the library is missing", () => {
  const nowhere = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    const without = { GRADBOOK_TENSORFLOW: nowhere };
    expect(run(`console.log("imported")`, without)).toMatchObject({ status: 0, stdout: "imported\n" });
    const used = run(`try { tf.add(1, 2) } catch (e) { console.log(e.name, e.message) }`, without);
    expect(used.stdout).toBe(
      `TensorFlowNotFound GRADBOOK_TENSORFLOW=${nowhere} holds no TensorFlow library; name the folder "tensorflow" ` +
        "inside a site-packages, or unset the variable.\n",
    );
  } finally {
    rmSync(nowhere, { recursive: true });
  }
});

test("lists the supported platforms on an unsupported one", () => {
  expect(() => platform("win32-x64")).toThrow(
    "TensorFlow has no build for win32-x64. Supported: linux-x64, linux-arm64, darwin-arm64 (on Windows, use WSL).",
  );
});

test("reports the linker's reason for a library that cannot be loaded", () => {
  const broken = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    for (const file of platform().libraries) execFileSync("sh", ["-c", `echo no > ${join(broken, file)}`]);
    const used = run(`try { tf.add(1, 2) } catch (e) { console.log(e.name, e.message) }`, {
      GRADBOOK_TENSORFLOW: broken,
    });
    expect(used.stdout).toMatch(
      /^TensorFlowNotFound TensorFlow in .* cannot be loaded: .*\. Run `gradbook setup` again/,
    );
  } finally {
    rmSync(broken, { recursive: true });
  }
});
