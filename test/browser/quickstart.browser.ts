import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Browser, chromium as playwright } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromium } from "./chromium";
import { type Lab, startLab } from "./lab";
import { NotebookPage } from "./notebook-page";

const PICTURES = resolve("runs/browser");
const TRAINING = 4;

let lab: Lab;
let browser: Browser;
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  lab = await startLab(join(PICTURES, "project"));
  browser = await playwright.launch({ executablePath: chromium(), args: ["--no-sandbox"] });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await lab?.close();
}, 60_000);

test("the quick start in JupyterLab: a live plot, stop, a saved checkpoint, restart, the output again", async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  const notebook = new NotebookPage(page);
  const picture = (name: string) => page.screenshot({ path: join(PICTURES, `${name}.png`) });
  const url = lab.url("notebooks/01-quickstart.ipynb");
  try {
    await notebook.open(url);
    await picture("1-opened");

    await notebook.runAll();
    const plot = notebook.output(TRAINING).locator(".jp-RenderedSVG, .jp-RenderedImage").first();
    await plot.waitFor({ timeout: 180_000 });
    await plot.scrollIntoViewIfNeeded();
    const seen = new Set<string>();
    // The first drawing and two changes of it, all while the cell runs.
    await expect
      .poll(
        async () => {
          expect(await notebook.prompt(TRAINING)).toBe("*");
          return seen.add(await plot.innerHTML()).size;
        },
        { timeout: 150_000, interval: 250 },
      )
      .toBeGreaterThanOrEqual(3);
    await picture("2-training");

    const stopped = Date.now();
    await notebook.stop();
    await expect.poll(() => notebook.prompt(TRAINING), { timeout: 60_000 }).toMatch(/^\d+$/);
    console.log(`the cell returned ${((Date.now() - stopped) / 1000).toFixed(1)} s after the stop button`);
    await picture("3-stopped");
    expect(await notebook.output(TRAINING).textContent()).toContain("interrupted");

    await notebook.idle();
    const kept = await notebook.append("run.kept.last?.path ?? run.kept.best?.path");
    await expect
      .poll(() => notebook.output(kept).textContent(), { timeout: 60_000 })
      .toMatch(/\.safetensors/);
    await picture("4-checkpoint");

    await page.keyboard.press("Control+s");
    await notebook.menu("Kernel", "Restart Kernel…");
    await page
      .getByRole("button", { name: /Restart/ })
      .last()
      .click();
    await notebook.idle();
    const gone = await notebook.append("typeof trainer === 'undefined' ? 'forgotten' : 'known'");
    await expect
      .poll(() => notebook.output(gone).textContent(), { timeout: 60_000 })
      .toMatch(/TS2304|Cannot find name|forgotten/);
    await picture("5-restarted");
    await page.keyboard.press("Control+s");

    await page.close();
    const again = new NotebookPage(await browser.newPage({ viewport: { width: 1280, height: 1000 } }));
    await again.open(url);
    await again.output(TRAINING).scrollIntoViewIfNeeded();
    await again.page.screenshot({ path: join(PICTURES, "6-reopened.png") });
    expect(await again.output(TRAINING).textContent()).toContain("interrupted");
  } finally {
    if (!page.isClosed()) await picture("last");
  }
}, 600_000);
