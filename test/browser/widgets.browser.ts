import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { notebookOf } from "./lab";
import { labInBrowser } from "./lab-in-browser";
import { NotebookPage } from "./notebook-page";

const PICTURES = resolve("runs/browser");
const PROJECT = join(PICTURES, "widgets");

const CONTROLS = `import { button, checkbox, hbox, output, select, slider, vbox } from "gradbook/widgets";
const rate = slider({ min: 0, max: 10, value: 3, label: "rate" });
const kind = select({ options: ["sine", "square"], label: "kind" });
const loud = checkbox({ label: "loud" });
const moved: number[] = [];
const place = output();
rate.observe((value) => { moved.push(Date.now()); place.show(\`rate is \${value}\`); });
kind.observe((value) => console.log("kind is", value));
vbox(hbox(rate, kind, loud, button("reset", () => { rate.value = 3; })), place)`;

const OWN = `import { widget } from "gradbook/widgets";
const counter = widget({
  state: { count: 0, label: "clicks" },
  render({ model, el }) {
    const draw = () => { el.textContent = \`\${model.get("count")} \${model.get("label")}\`; };
    for (const name of ["count", "label"]) model.on(\`change:\${name}\`, draw);
    el.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
    draw();
  },
  css: ".own-count { color: red }",
});
counter.onChange(({ count }) => { if (count === 2) counter.set({ label: "clicks in all" }); });
counter`;

const MOVIE = `import { movieView } from "gradbook/widgets";
movieView(Float32Array.from({ length: 5 * 8 * 16 }, (_, i) => Math.sin(i / 9)), { height: 8, width: 16, fps: 20 })`;

const PLOT = `import { LivePlot } from "gradbook";
const plot = new LivePlot(["train_loss", "val_loss"], { controls: true });
for (let step = 1; step <= 300; step++)
  plot.observe({ event: "step", time: 0, epoch: 0, step, train_loss: 1 / step, lr: 0.1 } as never);
await new Promise((resolve) => setTimeout(resolve, 600));
plot.observe({ event: "step", time: 0, epoch: 0, step: 301, train_loss: 0, lr: 0.1 } as never);`;

const lab = labInBrowser(PROJECT, () =>
  writeFileSync(join(PROJECT, "widgets.ipynb"), notebookOf([CONTROLS, OWN, MOVIE, PLOT])),
);

test("widgets in JupyterLab: a slider runs a function, own widgets, a movie, a live plot, and saved states", async () => {
  const page = await lab.newPage({ width: 1280, height: 1400 });
  const notebook = new NotebookPage(page);
  const picture = (name: string) => page.screenshot({ path: join(PICTURES, `widgets-${name}.png`) });
  try {
    await notebook.open(lab.url("widgets.ipynb"));
    await notebook.runAll();
    const controls = notebook.output(0);
    const handle = controls.locator(".noUi-handle");
    await handle.waitFor({ timeout: 60_000 });
    await notebook.output(3).locator("svg").first().waitFor({ timeout: 60_000 });
    await picture("1-shown");

    const pressed: number[] = [];
    for (let i = 4; i <= 10; i++) {
      await handle.focus();
      pressed.push(Date.now());
      await handle.press("ArrowRight");
      await controls.getByText(`rate is ${i}`, { exact: false }).waitFor();
    }
    await controls.locator("select").selectOption("square");
    await controls.getByText("kind is square").waitFor();
    await controls.getByRole("button", { name: "reset" }).click();
    await controls.getByText("rate is 3").waitFor();

    const own = notebook.output(1).getByText("0 clicks");
    await own.click();
    await notebook.output(1).getByText("1 clicks").click();
    await notebook.output(1).getByText("2 clicks in all").waitFor();

    const movie = notebook.output(2);
    await movie.locator("button").first().click();
    await movie.getByAltText("frame 3").waitFor();
    await movie.locator("button").nth(1).click();

    const plot = notebook.output(3);
    const drawing = await plot.locator("svg").first().innerHTML();
    await plot.locator("select").nth(1).selectOption("last 100");
    await expect.poll(() => plot.locator("svg").first().innerHTML()).not.toBe(drawing);
    await plot.locator("select").first().selectOption("lr");
    await expect.poll(() => plot.locator("svg").first().textContent()).toContain("learning rate");
    await picture("2-used");

    const times = await notebook.append("JSON.stringify(moved)");
    await expect.poll(() => notebook.output(times).textContent(), { timeout: 30_000 }).toContain("]");
    const moved = JSON.parse(
      /\[\d{9}.*\]/.exec((await notebook.output(times).textContent())!)![0],
    ) as number[];
    const delays = pressed.map((start, i) => moved[i]! - start).sort((a, b) => a - b);
    console.log(`milliseconds from a key to the function: ${delays.join(", ")}`);
    expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(100);

    await notebook.save();
    const { metadata } = JSON.parse(readFileSync(join(PROJECT, "widgets.ipynb"), "utf8"));
    const { state } = metadata.widgets["application/vnd.jupyter.widget-state+json"];
    expect(Object.values(state)).toContainEqual(expect.objectContaining({ model_name: "IntSliderModel" }));
  } finally {
    await picture("last");
    await page.close();
  }
}, 240_000);
