import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { notebookOf } from "./lab";
import { labInBrowser } from "./lab-in-browser";
import { NotebookPage } from "./notebook-page";

const PICTURES = resolve("runs/browser");
const PROJECT = join(PICTURES, "explore");

const TWIN = `import { exploreTwin } from "gradbook/insilico";
import { buildModel, readModelConfig } from "gradbook/model";
import { Twin } from "gradbook/twin";
const model = buildModel(readModelConfig("configs/models/quickstart.yaml"), { lags: 11, height: 17, width: 17, units: [6] }, 1);
const lags = Array.from({ length: 11 }, (_, i) => 10 - i);
const view = { height: 17, width: 17, channels: 1, lags, samplingRate: 120, pixelsPerDegree: 12 };
const twin = new Twin("random", model, [{ name: "first", cids: [1, 2, 3, 4, 5, 6] }], view);
await exploreTwin(twin)`;

const lab = labInBrowser(PROJECT, () => writeFileSync(join(PROJECT, "explore.ipynb"), notebookOf([TWIN])));

test("the widget of a twin in JupyterLab: the kernel computes rates, sliders and the map of units work", async () => {
  const page = await lab.newPage({ width: 1400, height: 1300 });
  const notebook = new NotebookPage(page);
  try {
    await notebook.open(lab.url("explore.ipynb"));
    await notebook.runAll();
    const view = notebook.output(0);
    const rate = view.locator(".rates .value").first();
    await expect.poll(() => rate.textContent(), { timeout: 120_000 }).toMatch(/^\d/);
    const before = await rate.textContent();
    const direction = view.getByRole("slider", { name: "Direction" });
    for (let i = 0; i < 9; i++) await direction.press("ArrowRight");
    expect(await direction.inputValue()).toBe("45");
    await expect.poll(() => rate.textContent(), { timeout: 30_000 }).not.toBe(before);
    await view.getByRole("listbox").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Space");
    await expect
      .poll(() => view.locator(".rates li").allTextContents(), { timeout: 30_000 })
      .toEqual([expect.stringContaining("unit 1 "), expect.stringContaining("unit 6 ")]);
    await view.getByRole("button", { name: "Play" }).click();
    await expect
      .poll(() => view.locator(".speed").textContent(), { timeout: 60_000 })
      .toMatch(/^the kernel: /);
    console.log(await view.locator(".speed").textContent());
  } finally {
    await page.screenshot({ path: join(PICTURES, "explore.png") });
    await page.close();
  }
}, 240_000);
