import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { parallelFigure } from "../../../lib/cli/search/parallel-figure";
import { bestTable, countsOf, trialsCsv } from "../../../lib/cli/search/results";
import { type SearchLimits, search } from "../../../lib/cli/search/search";
import type { Point, Space } from "../../../lib/cli/search/space";
import { Study, type StudyOptions } from "../../../lib/cli/search/study";
import { Progress, packageRoot, runChild, searchStep, setUp, venvPython } from "../../../lib/cli/setup";
import { Board } from "../../../lib/cli/sweeps/board";
import { newFolder } from "../../new-folder";

const project = packageRoot();
let options: StudyOptions;
let opened: Study[] = [];
const open = async (given: Partial<StudyOptions> = {}) => {
  const study = await Study.open(project, { ...options, ...given });
  opened.push(study);
  return study;
};

beforeAll(() => setUp([searchStep(project)], new Progress(process.stderr)));
beforeEach(() => {
  options = {
    storage: join(newFolder(), "study.db"),
    direction: "minimize",
    metric: "val_loss",
    space: { x: { type: "float", low: -4, high: 4 }, kind: { type: "categorical", choices: ["a", "b"] } },
    sampler: "tpe",
    pruner: "median",
    startup: 1,
    warmup: 0,
    seed: 0,
  };
});
/** Runs a search in which every trial is a Node program. */
const searchBy = async (program: string, limits: SearchLimits) => {
  const study = await open();
  const folder = newFolder();
  const setting = {
    study,
    folder,
    metric: "val_loss",
    direction: "minimize" as const,
    board: new Board(limits.trials),
    signal: new AbortController().signal,
    launch: runChild,
    commandOf: () => ({ command: process.execPath, args: ["-e", program], env: process.env }),
  };
  return { study, outcomes: await search(setting, limits) };
};

afterEach(async () => {
  await Promise.all(opened.map((study) => study.close()));
  opened = [];
});

const square = (x: unknown) => (Number(x) - 1) ** 2;

test("TPE comes closer to the minimum than its first random trials, and ranks the important parameter first", async () => {
  const study = await open();
  for (let i = 0; i < 20; i++) {
    const { number, params } = (await study.ask())!;
    await study.tell(number, "completed", square(params.x));
  }
  const { trials, importances } = await study.results();
  const best = (from: number, to: number) => Math.min(...trials.slice(from, to).map(({ value }) => value!));
  expect(best(10, 20)).toBeLessThan(best(0, 10));
  expect(Object.keys(importances)[0]).toBe("x");
  // The file has Optuna's own format, so its tools can read it.
  const code = `import optuna, sys; print(optuna.load_study(study_name="search", storage="sqlite:///" + sys.argv[1]).best_value)`;
  const said = execFileSync(venvPython(project), ["-I", "-c", code, options.storage], { encoding: "utf8" });
  expect(Number(said)).toBe(best(0, 20));
});

test("the median pruner ends a trial that is worse than the median at its epoch", async () => {
  const study = await open();
  const first = (await study.ask())!;
  const curve = [1, 0.5] as const;
  for (const [i, value] of curve.entries())
    expect(await study.report(first.number, i + 1, value)).toBe(false);
  await study.tell(first.number, "completed", 0.5);
  const second = (await study.ask())!;
  expect(await study.report(second.number, 1, 1)).toBe(false);
  expect(await study.report(second.number, 2, 0.75)).toBe(true);
  await study.tell(second.number, "pruned");
  const results = await study.results();
  expect(countsOf(results)).toBe("1 completed, 1 pruned");
  expect(results.trials[1]).toMatchObject({ state: "pruned", value: null, reported: [[1, 1], [2, 0.75]] }); // biome-ignore format: epochs
});

test("a continued study repeats interrupted trials and does not repeat random draws", async () => {
  options.sampler = "random";
  const study = await open();
  const [done, killed] = [(await study.ask())!, (await study.ask())!];
  await study.tell(done.number, "completed", 2);
  await study.close();
  const resumed = await open();
  expect(resumed.finished).toBe(1);
  const again = (await resumed.ask())!;
  expect(again).toEqual({ number: 2, params: killed.params });
  await resumed.again(again.number);
  const third = (await resumed.ask())!;
  expect(third).toEqual({ number: 3, params: killed.params });
  await resumed.tell(third.number, "completed", 1);
  const { params } = (await resumed.ask())!;
  expect([done.params.x, killed.params.x]).not.toContain(params.x);
  const results = await resumed.results();
  expect(countsOf(results)).toBe("2 completed, 2 interrupted");
  expect(trialsCsv(results).split("\r\n").slice(0, 2)).toEqual([
    "trial,state,value,seconds,epochs,x,kind",
    expect.stringMatching(`^0,completed,2,[\\d.]+,0,${done.params.x},[ab]$`),
  ]);
  expect(bestTable(results, options).rows.map(({ trial }) => trial)).toEqual(["trial-0003", "trial-0000"]);
});

test("a grid visits every point once and then ends", async () => {
  const space: Space = {
    n: { type: "int", low: 1, high: 3, step: 2 },
    kind: { type: "categorical", choices: ["a", "b"] },
  };
  const study = await open({ space, sampler: "grid" });
  const points: string[] = [];
  for (let trial = await study.ask(); trial; trial = await study.ask()) {
    points.push(`${trial.params.n}${trial.params.kind}`);
    await study.tell(trial.number, "completed", 1);
  }
  expect(points.sort()).toEqual(["1a", "1b", "3a", "3b"]);
});

test("rejects a folder that holds another study", async () => {
  const study = await open();
  const { number } = (await study.ask())!;
  await study.tell(number, "completed", 1);
  await study.close();
  const { storage } = options;
  await expect(open({ metric: "val_bps" })).rejects.toThrow(
    `${storage}: holds a study of val_loss, not of val_bps; give another --out, or --metric val_loss`,
  );
  await expect(open({ direction: "maximize" })).rejects.toThrow(
    `${storage}: holds a study that is to minimize val_loss; give another --out, or --direction minimize`,
  );
  const space: Space = { ...options.space, kind: { type: "categorical", choices: ["a", "c"] } };
  await expect(open({ space })).rejects.toThrow(
    new RegExp(`^${storage}: holds a study in another space \\(kind: .*\\); give another --out$`),
  );
});

test("ends a search whose first three trials fail", async () => {
  const { study, outcomes } = await searchBy(`console.log("no luck"); process.exit(1)`, {
    trials: 9,
    jobs: 1,
  });
  expect(outcomes.map(({ ending, problem }) => [ending, problem])).toEqual([
    ["failed", "trial-0000: no luck"],
    ["failed", "trial-0001: no luck"],
    ["failed", "trial-0002: no luck"],
  ]);
  expect(countsOf(await study.results())).toBe("3 failed");
});

test("ends trials that are running at the time of the third failure", async () => {
  const { outcomes } = await searchBy("process.exit(1)", { trials: 9, jobs: 2 });
  expect(outcomes.length).toBeGreaterThanOrEqual(3);
  expect(outcomes.length).toBeLessThanOrEqual(4);
});

test("scores a trial by its recorded value, and does not end the search for later failures", async () => {
  const program = `
console.log(JSON.stringify({ record: { val_loss: 0.5 } }));
process.exit(process.env.GRADBOOK_EVENTS.endsWith("trial-0000.jsonl") ? 0 : 1);`;
  const { study, outcomes } = await searchBy(program, { trials: 5, jobs: 1 });
  expect(outcomes).toHaveLength(5);
  expect(countsOf(await study.results())).toBe("1 completed, 4 failed");
});

test("draws each completed trial through its parameters to its value in the parallel coordinates figure", async () => {
  const trial = (number: number, value: number, params: Point) =>
    ({ number, state: "completed", value, params, seconds: 1, reported: [] }) as const;
  const trials = [
    trial(0, 2, { x: -4, kind: "a" }),
    trial(1, 1, { x: 4, kind: "b" }),
    trial(2, 3, { x: 0, kind: "b" }),
    { ...trial(3, 0, { x: 1, kind: "a" }), state: "pruned" as const, value: null },
  ];
  const { panels } = parallelFigure({ trials, importances: {} }, options, options.space);
  const { marks } = panels[0]!;
  const lines = marks.filter((mark) => mark.kind === "line" && mark.x.length === 3);
  expect(lines).toMatchObject([
    { y: [0.5, 1, 1], color: "rgb(222, 226, 230)" },
    { y: [0, 0, 0.5], color: "rgb(31, 119, 180)" },
    { y: [1, 1, 0], color: "#2a9d5c" },
  ]);
  const texts = marks.flatMap((mark) => (mark.kind === "text" ? mark.text : []));
  expect(texts).toEqual(["x", "-4", "4", "kind", "a", "b", "val_loss", "1", "3"]);
});
