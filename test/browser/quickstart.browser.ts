import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { labInBrowser } from "./lab-in-browser";
import { NotebookPage } from "./notebook-page";

const PICTURES = resolve("runs/browser");
const PROJECT = join(PICTURES, "project");
const QUICK_START = "notebooks/01-quickstart.ipynb";
/** The training cell of the quick start, counting code cells from 0. */
const TRAINING = 4;

const RESUMED = `
const resumed = await new Trainer({
  name: "quickstart", dir: "../runs", resume: "auto",
  maxEpochs: 30, stepsPerEpoch: 60, maxTime: 5, batchSize: 64, seed: 7,
  optimizer: { lr: 5e-3, weightDecay: 0.1 },
  callbacks: [new EMAWeightAveraging({ decay: 0.995 }), new ModelCheckpoint(), new LivePlot(["train_loss"])],
}).fit(experiment);
resumed.stopped`;

const lab = labInBrowser(PROJECT, () => trainUntilStopped(join(PROJECT, QUICK_START)));

test("the quick start in JupyterLab: a live plot, stop, resume, restart, and the output is there again", async () => {
  const notebook = new NotebookPage(await newPage());
  const picture = (name: string) => notebook.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  const url = lab.url(QUICK_START);
  try {
    await notebook.open(url);
    await picture("1-opened");

    await notebook.runAll();
    await notebook.livePlot(TRAINING).waitFor({ timeout: 120_000 });
    const drawings = new Set<string>();
    // The first drawing and two changes of it, all while the cell runs, and the end of three epochs.
    await expect
      .poll(async () => drawings.add(await notebook.livePlot(TRAINING).innerHTML()).size, {
        timeout: 60_000,
        interval: 250,
      })
      .toBeGreaterThanOrEqual(3);
    await expect
      .poll(() => events().filter(({ event }) => event === "validation").length, { timeout: 90_000 })
      .toBeGreaterThanOrEqual(3);
    await notebook.cell(TRAINING).evaluate((cell) => cell.scrollIntoView());
    expect(await notebook.prompt(TRAINING)).toBe("*");
    await picture("2-training");

    const stopped = Date.now();
    await notebook.stop();
    await expect.poll(() => notebook.prompt(TRAINING), { timeout: 30_000 }).toMatch(/^\d+$/);
    console.log(`the cell returned ${((Date.now() - stopped) / 1000).toFixed(1)} s after the stop button`);
    await picture("3-stopped");
    expect(await notebook.output(TRAINING).textContent()).toContain("interrupted after");
    const atStop = events().find(({ event }) => event === "fit_end");
    expect(atStop?.stopped).toBe("interrupted");

    await notebook.idle();
    const kept = await notebook.append("[run.stopped, run.kept.last]");
    await expect
      .poll(() => notebook.output(kept).textContent(), { timeout: 30_000 })
      .toMatch(/interrupted.*\.safetensors/s);
    await picture("4-checkpoint");

    const resumed = await notebook.append(RESUMED);
    await expect.poll(() => notebook.prompt(resumed), { timeout: 90_000 }).toMatch(/^\d+$/);
    await expect.poll(() => notebook.output(resumed).textContent(), { timeout: 30_000 }).toContain("time");
    await picture("5-resumed");
    const goesOn = events().findLast(({ event }) => event === "fit_start");
    expect(goesOn?.resumed).toBe(atStop?.step);
    expect(events().at(-1)?.step).toBeGreaterThan(atStop?.step as number);

    await notebook.save();
    await notebook.restart();
    const forgotten = await notebook.append("run.stopped");
    await expect
      .poll(() => notebook.output(forgotten).textContent(), { timeout: 30_000 })
      .toContain("Cannot find name 'run'");
    await picture("6-restarted");
    await notebook.save();

    await notebook.page.close();
    const again = new NotebookPage(await newPage());
    await again.open(url);
    await again.output(TRAINING).scrollIntoViewIfNeeded();
    await again.page.screenshot({ path: join(PICTURES, "7-reopened.png") });
    expect(await again.output(TRAINING).textContent()).toContain("interrupted after");
    await again.output(TRAINING).locator("svg, img").first().waitFor({ state: "attached" });
  } finally {
    if (!notebook.page.isClosed()) await picture("last");
  }
}, 420_000);

const newPage = () => lab.newPage({ width: 1280, height: 1000 });

/** The quick start with short epochs, and so many that it does not end before the stop button. */
function trainUntilStopped(file: string): void {
  const text = readFileSync(file, "utf8");
  const longer = text
    .replace(/maxEpochs: \d+,/, "maxEpochs: 60,")
    .replace(/stepsPerEpoch: \d+,/, "stepsPerEpoch: 60,");
  writeFileSync(file, longer);
}

/** Returns the events that the training has written in its run's folder. */
function events(): Record<string, unknown>[] {
  const lines = readFileSync(join(PROJECT, "runs", "quickstart", "events.jsonl"), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line));
}
