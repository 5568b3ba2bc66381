import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareRuns, writeComparison } from "../../lib/evaluation/report/compare";
import { writeReport } from "../../lib/evaluation/report/report";
import { HOSTILE, writeHostileRun } from "../evaluation/report/hostile-run";
import { newFolder } from "../new-folder";
import { problemsOf, startBrowser } from "./chromium";

const PICTURES = resolve("runs/browser");
const dir = newFolder();
const folder = join(dir, "run");
let browser: Browser;
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  writeHostileRun(folder);
  browser = await startBrowser();
}, 300_000);
afterAll(async () => {
  await browser?.close();
});

/** Opens a page and collects everything that a hostile text could have brought about. */
async function open(path: string) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  const problems = problemsOf(page);
  page.on("dialog", (dialog) => problems.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && request.url() !== pathToFileURL(path).href)
      problems.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href);
  await page.locator(".js-plotly-plot .main-svg").first().waitFor();
  const hacked = await page.evaluate("typeof hacked");
  return { page, problems, hacked };
}

test("Chromium runs nothing of a hostile run's report, and its figures and slider work", async () => {
  const { page, problems, hacked } = await open(await writeReport(folder));
  expect(hacked).toBe("undefined");
  expect(await page.locator("figure").count()).toBe(2);
  expect(await page.locator(".js-plotly-plot").count()).toBe(2);
  expect(await page.locator("iframe, a[href^=javascript]").count()).toBe(0);
  const texts = await page.locator(".js-plotly-plot").first().locator(".annotation-text").allTextContents();
  // Titles are in words: a slash in the name of a metric becomes a comma.
  expect(texts).toContain(`validation ${HOSTILE[0].replaceAll("/", ", ")}`);
  expect(await page.locator(".over-epochs img:visible").count()).toBe(1);
  await page.locator(".over-epochs input").fill("0");
  expect(await page.locator(".over-epochs img").first().isVisible()).toBe(true);
  expect(await page.locator(".over-epochs img").last().isVisible()).toBe(false);
  await page.screenshot({ path: join(PICTURES, "hostile-report.png"), fullPage: true });
  expect(problems).toEqual([]);
});

test("Chromium runs nothing of a comparison of hostile runs", async () => {
  writeComparison(compareRuns([folder]), join(dir, "compare.html"));
  const { page, problems, hacked } = await open(join(dir, "compare.html"));
  expect(hacked).toBe("undefined");
  await page.screenshot({ path: join(PICTURES, "hostile-comparison.png"), fullPage: true });
  expect(problems).toEqual([]);
});

test("the page's policy stops a script that is added to it", async () => {
  const { page } = await open(await writeReport(folder));
  await page.evaluate(`document.body.insertAdjacentHTML("beforeend", '<img src=x onerror="hacked = 9">');
    document.body.append(Object.assign(document.createElement("script"), { textContent: "hacked = 10" }))`);
  await page.waitForTimeout(300);
  expect(await page.evaluate("typeof hacked")).toBe("undefined");
});
