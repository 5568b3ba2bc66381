import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { buildSite } from "../docs/site";
import { newFolder } from "../new-folder";
import { startBrowser } from "./chromium";

const PICTURES = resolve("runs/browser");

test("the site of the guides finds an option by its name and a guide by its text", async () => {
  mkdirSync(PICTURES, { recursive: true });
  const site = newFolder();
  buildSite(site);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(pathToFileURL(join(site, "index.html")).href);
    await page.locator("nav").getByText("Guides", { exact: true }).waitFor();
    await page.screenshot({ path: join(PICTURES, "site.png") });

    const search = async (words: string) => {
      await page.locator("#tsd-search-trigger").click();
      await page.locator("#tsd-search-input").fill(words);
      const results = page.locator("#tsd-search-results li");
      await results.first().waitFor();
      return results;
    };
    const options = await search("maxRestarts");
    await page.screenshot({ path: join(PICTURES, "site-search.png") });
    expect((await options.first().textContent())!.trim()).toMatch(/\bTrainerOptions\.maxRestarts$/);
    await options.first().locator("a").click();
    await page.waitForURL(/TrainerOptions\.html#maxrestarts$/i);

    const guides = await search("wandb sync");
    expect(await guides.allTextContents()).toContainEqual(expect.stringContaining("Callbacks and observers"));
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
}, 300_000);
