import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportWeb } from "../../lib/export/web";
import { newFolder } from "../new-folder";
import { randomTwin } from "../random-twin";
import { problemsOf, startBrowser } from "./chromium";
import { serveFolder } from "./file-server";

const PICTURES = resolve("runs/browser");
const FOLDER = newFolder();
const HOSTILE = '<img src=x onerror="document.title = 1">';

let browser: Browser;
let server: Awaited<ReturnType<typeof serveFolder>>;
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  const twin = randomTwin("quickstart.yaml", ["first", HOSTILE]);
  await exportWeb(twin, FOLDER);
  twin.dispose();
  server = await serveFolder(FOLDER);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  server.close();
});

/** Opens the page of the twin on WASM, without motion unless the link says otherwise. */
async function open(hash = "", colorScheme: "light" | "dark" = "light") {
  const page = await browser.newPage({
    viewport: { width: 1360, height: 900 },
    colorScheme,
    reducedMotion: "reduce",
  });
  const problems = problemsOf(page);
  await page.goto(`${server.url}?backend=wasm${hash}`);
  await expect.poll(() => rateOf(page), { timeout: 30_000 }).toMatch(/^\d/);
  return { page, problems };
}

/** The rate of the first chosen unit, as the page shows it. */
const rateOf = (page: Page) => page.locator(".rates .value").first().textContent({ timeout: 30_000 });
const hashOf = (page: Page) => Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.slice(1)));

test("the page has at most 3 MB beside the weights, and loads nothing from elsewhere", async () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter(
    (file) => statSync(join(FOLDER, file)).isFile() && file !== "weights.safetensors",
  );
  const bytes = files.reduce((sum, file) => sum + statSync(join(FOLDER, file)).size, 0);
  console.log(`the page has ${(bytes / 1e6).toFixed(2)} MB in ${files.length} files`);
  expect(bytes).toBeLessThan(3e6);
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`${server.url}?backend=wasm`);
  await expect.poll(() => page.evaluate(() => performance.getEntriesByName("first-response").length)).toBe(1);
  const first = await page.evaluate(() => performance.getEntriesByName("first-response")[0]!.startTime);
  console.log(`first response after ${first.toFixed(0)} ms`);
  expect(requests.filter((url) => !/^(http:\/\/127\.0\.0\.1|data:)/.test(url))).toEqual([]);
  await page.close();
});

test("two twins on a page share its backend, and another one is refused", async () => {
  const { page } = await open();
  const given = JSON.stringify([server.url]);
  const answers = await page.evaluate<string[]>(`(async ([url]) => {
    const { openTwin } = await import(url + "twin.js");
    const second = await openTwin(url);
    const refused = await openTwin(url, "webgl").catch((error) => error);
    return [second.backend, refused.message];
  })(${given})`);
  const complaint =
    "This page already computes on wasm, so it cannot start webgl. Leave the backend out, or open another page.";
  expect(answers).toEqual(["wasm", complaint]);
  await page.close();
});

test("units are chosen by the keyboard on the map, and the link follows", async () => {
  const { page, problems } = await open();
  const map = page.getByRole("listbox", { name: "Units at their receptive fields" });
  await page.getByRole("combobox", { name: "Session" }).focus();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("listbox");
  const chosen = () =>
    map.locator("[aria-selected=true]").evaluateAll((all) => all.map((one) => one.ariaLabel));
  expect(await chosen()).toEqual(["unit 10"]);
  await page.keyboard.press("End");
  await page.keyboard.press("Space");
  expect((await chosen()).sort()).toEqual(["unit 10", "unit 14"]);
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  expect(await chosen()).toEqual(["unit 14"]);
  const visited = new Set<string | null>();
  for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
    await page.keyboard.press(key);
    visited.add(await map.getAttribute("aria-activedescendant"));
  }
  expect(visited.size).toBeGreaterThan(1);
  await expect.poll(() => hashOf(page).units).toBe("14");
  expect(problems).toEqual([]);
  await page.close();
});

test("a link holds the state; values that the twin does not have are replaced", async () => {
  const link =
    "#session=1&units=12,99,11&direction=90&contrast=7&spatialFrequency=x&stimulus=movie&playing=false";
  const { page, problems } = await open(link);
  expect(await page.locator(".rates li").allTextContents()).toEqual([
    expect.stringContaining("unit 12"),
    expect.stringContaining("unit 11"),
  ]);
  expect(await page.getByRole("slider", { name: "Direction" }).inputValue()).toBe("90");
  expect(await page.getByRole("slider", { name: "Contrast" }).inputValue()).toBe("1");
  await page.getByRole("slider", { name: "Direction" }).press("ArrowRight");
  await expect
    .poll(() => hashOf(page))
    .toMatchObject({ session: "1", units: "12,11", direction: "95", contrast: "1", stimulus: "grating" });
  await page.evaluate('location.hash = "#session=0&units=13"');
  await expect.poll(() => page.locator(".rates li").first().textContent()).toContain("unit 13");
  expect(problems).toEqual([]);
  await page.close();
});

test("gratings, drawings and images drive the rates", async () => {
  const { page, problems } = await open("#playing=true");
  await expect
    .poll(() => page.locator(".speed").textContent(), { timeout: 60_000 })
    .toMatch(/^WebAssembly: /);
  console.log(await page.locator(".speed").textContent());
  await page.getByRole("radio", { name: "Drawing" }).check();
  const screen = page.getByRole("img", { name: "The stimulus: drawing" });
  await page.waitForTimeout(500);
  const blank = await rateOf(page);
  await screen.focus();
  for (let i = 0; i < 4; i++) for (const key of ["Space", "ArrowRight"]) await page.keyboard.press(key);
  await screen.click({ position: { x: 60, y: 90 } });
  await expect.poll(() => rateOf(page)).not.toBe(blank);
  const image = new PNG({ width: 40, height: 30 });
  image.data.fill(255);
  const file = { name: "white.png", mimeType: "image/png", buffer: PNG.sync.write(image) };
  await page.getByRole("radio", { name: "Image or video" }).check();
  const input = page.locator("input[type=file]");
  await input.setInputFiles({ ...file, name: "text.png", buffer: Buffer.from("text") });
  const status = page.getByRole("status");
  await expect
    .poll(() => status.textContent())
    .toBe("text.png is neither an image nor a video that this browser reads.");
  await input.setInputFiles(file);
  await expect.poll(() => status.textContent()).toBe("white.png is shown.");
  await expect.poll(() => rateOf(page)).not.toBe(blank);
  await page.screenshot({ path: join(PICTURES, "web-image.png") });
  expect(problems.filter((problem) => !problem.includes("blob:"))).toEqual([]);
  await page.close();
});

test("tuning curves fill in, and the most exciting input grows", async () => {
  const { page, problems } = await open("#units=10,11,12&playing=true");
  await page.getByRole("button", { name: "Grow for unit 12" }).click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  const words = page.locator(".exciting .hint");
  await expect.poll(() => words.textContent(), { timeout: 120_000 }).toBe("unit 12: step 100 of 100");
  await page.getByRole("button", { name: "Grow for unit 12" }).waitFor();
  // The number of pixels in the colour of the first unit.
  const marks = `(() => {
    const canvas = document.querySelector(".tuning canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 0 && value === 0 && data[i + 2] === 178).length;
  })()`;
  expect(await page.evaluate(marks)).toBeGreaterThan(100);
  await page.screenshot({ path: join(PICTURES, "web-page.png") });
  expect(problems).toEqual([]);
  await page.close();
});

test("the page is dark where the browser is, and shows names of sessions as text", async () => {
  const ground = (page: Page) =>
    page.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor");
  const light = await open();
  const dark = await open("", "dark");
  expect([await ground(light.page), await ground(dark.page)]).toEqual([
    "rgb(255, 255, 255)",
    "rgb(29, 33, 40)",
  ]);
  await dark.page.getByRole("combobox", { name: "Session" }).selectOption("1");
  expect(await dark.page.getByRole("combobox", { name: "Session" }).textContent()).toContain(HOSTILE);
  await dark.page.screenshot({ path: join(PICTURES, "web-dark.png") });
  expect(await dark.page.title()).toBe("quickstart.yaml: a digital twin");
  expect(dark.problems).toEqual([]);
  await light.page.close();
  await dark.page.close();
});
