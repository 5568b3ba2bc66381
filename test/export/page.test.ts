import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { exportOnnx, exportTorch } from "../../lib/export";
import { readModelConfig } from "../../lib/model";
import { blocks } from "../docs/blocks";
import { torchPython } from "../lab/lab";
import { newFolder } from "../new-folder";
import { testPython } from "../python/python";
import { twinOf } from "./models";

const dir = newFolder();
const page = blocks("python").filter(({ page }) => page === join("docs", "export.md"));

/** Runs the Python of the guide that uses a package, below the exported twin, and prints the shapes of its rates. */
function run(python: string, uses: string): string {
  const code = page.filter(({ code }) => code.includes(uses)).map((block) => block.code);
  const print = "print(tuple(rates.shape))";
  return execFileSync(python, ["-c", [...code, print].join("\n")], { cwd: dir, encoding: "utf8" }).trim();
}

beforeAll(() => {
  const model = readModelConfig("configs/models/quickstart.yaml");
  const names = ["luke_2031-03-01", "allen_2031-03-01"];
  const twin = twinOf(model, { lags: 11, height: 17, width: 17 }, names);
  exportTorch(twin, join(dir, "twin_torch"));
  exportOnnx(twin, join(dir, "twin.onnx"));
  twin.dispose();
});

test("the guide's Python runs the ONNX model", () => {
  expect(run(testPython, "onnxruntime")).toBe("(8, 7)");
});

test.skipIf(!torchPython)("the guide's Python runs the package for PyTorch", () => {
  expect(run(torchPython!, "torch")).toBe("(8, 4)");
});

test("the guide has Python for each format that Python reads", () => {
  expect(page.map(({ code }) => /^(?:import|from) (torch|onnxruntime|tensorflow)/m.exec(code)?.[1])).toEqual([
    "torch",
    undefined,
    "onnxruntime",
    "tensorflow",
  ]);
});
