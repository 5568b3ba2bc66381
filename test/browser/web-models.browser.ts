import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { exportWeb } from "../../lib/export/web";
import { observe } from "../../lib/insilico";
import { newFolder } from "../new-folder";
import { INPUT, randomTwin } from "../random-twin";
import { problemsOf, startBrowser } from "./chromium";
import { serveFolder } from "./file-server";

const WINDOWS = 2;
const FOLDER = newFolder();
/** WebGL and WebGPU run on the processor here (SwiftShader), which takes seconds for each model. */
const ON_GPU = ["quickstart.yaml", "densenet.yaml"];
const GPU_FLAGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--use-angle=swiftshader"];

let server: Awaited<ReturnType<typeof serveFolder>>;
beforeAll(async () => {
  // The page of a twin starts a backend by itself; this one has nothing but an icon, which Chromium would ask for.
  writeFileSync(join(FOLDER, "empty.html"), '<link rel="icon" href="data:," />');
  server = await serveFolder(FOLDER);
});
afterAll(() => server.close());

const SHAPE = [WINDOWS, INPUT.lags, INPUT.height, INPUT.width] as const;
const CONTRAST = Float32Array.from({ length: SHAPE.reduce((a, b) => a * b, 1) }, (_, i) =>
  Math.sin(12.9898 * i),
);

/** Computes the rates in the page, and the rate of a unit after two steps of gradient ascent. */
async function inBrowser(page: Page, folder: string, backend: string) {
  await page.goto(`${server.url}empty.html`);
  const given = JSON.stringify([folder, backend, [...CONTRAST], SHAPE]);
  // A text, because the test runner rewrites `import` in functions.
  return page.evaluate<{ rates: number[]; ascended: number }>(`(async ([url, name, contrast, shape]) => {
    const { mostExcitingInputs, observe, openTwin, some, tf } = await import(url + "twin.js");
    const { twin } = await openTwin(url, name);
    const units = observe(twin);
    const rates = tf.tidy(() => units.rates(tf.tensor(contrast, shape)));
    const [{ rate }] = await mostExcitingInputs(some(units, [0]), { seeds: 1, steps: 2 });
    return { rates: [...(await rates.data())], ascended: rate };
  })(${given})`);
}

async function compare(name: string, backend: string): Promise<void> {
  const twin = randomTwin(name);
  const folder = name.replace(".yaml", "");
  await exportWeb(twin, join(FOLDER, folder));
  const expected = tf.tidy(() =>
    observe(twin)
      .rates(tf.tensor(CONTRAST, [...SHAPE]))
      .dataSync(),
  );
  twin.dispose();
  // One browser for each model: a closed page keeps the memory of WASM for a while.
  const browser = await startBrowser(GPU_FLAGS);
  const page = await browser.newPage();
  const problems = problemsOf(page);
  try {
    const { rates, ascended } = await inBrowser(page, `${server.url}${folder}/`, backend);
    const difference = Math.max(...rates.map((rate, i) => Math.abs(rate - expected[i]!)));
    console.log(`${name} on ${backend}: largest difference ${difference.toExponential(1)}`);
    expect(rates.length).toBe(expected.length);
    expect(difference).toBeLessThan(1e-4);
    expect(new Set(expected).size).toBeGreaterThan(1);
    expect(Number.isFinite(ascended)).toBe(true);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
}

/** The models that see a stimulus. */
const MODELS = readdirSync("configs/models").filter((name) => name !== "modulator-only.yaml");

test.each(MODELS)("the rates of %s on WASM equal the engine's", async (name) => {
  await compare(name, "wasm");
});

test.each(ON_GPU.flatMap((name) => ["webgl", "webgpu"].map((backend) => [name, backend] as const)))(
  "the rates of %s on %s equal the engine's",
  async (name, backend) => {
    await compare(name, backend);
  },
);

test("refuses to export a twin that sees no stimulus", async () => {
  const twin = randomTwin("modulator-only.yaml");
  await expect(exportWeb(twin, join(FOLDER, "none"))).rejects.toThrow(
    "modulator-only.yaml: model: reads behaviour but no stimulus, so a page has nothing to show it",
  );
  twin.dispose();
});
