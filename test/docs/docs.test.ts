import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { loadAll } from "js-yaml";
import ts from "typescript";
import { expect, test } from "vitest";
import { gradbookProgram } from "../../lib/cli/program";
import { FLAGS, trainSchema } from "../../lib/cli/train/flags";
import { parseModelConfig } from "../../lib/model";
import { testPython } from "../python/python";
import { blocks, PAGES } from "./blocks";

test("TypeScript on the pages compiles", () => {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve("."));
  const files = new Map<string, string>();
  let name = "";
  for (const { page, line, code } of blocks("ts")) {
    // A block without imports continues the previous one on its page.
    const goesOn = !/^import /m.test(code) && name.includes(page.replace(/\W/g, "-"));
    if (!goesOn) name = resolve(`${page.replace(/\W/g, "-")}-${line}.mts`);
    files.set(name, `${files.get(name) ?? "export {};\n"}${code}`);
  }
  const settings = { ...options, noUnusedLocals: false, noUncheckedIndexedAccess: false };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  const wrong = [...files.keys()].flatMap((name) => {
    const source = program.getSourceFile(name)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) => {
        const { line } = source.getLineAndCharacterOfPosition(start);
        return `${name.split("/").at(-1)} line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      },
    );
  });
  expect(wrong).toEqual([]);
}, 120_000);

test("commands on the pages exist, with their options", async () => {
  const { commands } = await gradbookProgram();
  const text = PAGES.map((page) => readFileSync(page, "utf8"))
    .join("\n")
    .replaceAll("\\\n", " ");
  const used = [...text.matchAll(/npx gradbook ([a-z][\w-]*)([^\n`]*)/g)];
  expect(used.length).toBeGreaterThan(10);
  const wrong = used.flatMap(([, command, rest]) => {
    const known = commands.find((one) => one.name() === command);
    if (!known) return [`gradbook ${command}`];
    const flags = ["-h", "--help", ...known.options.flatMap(({ short, long }) => [short, long])];
    const unquoted = rest!.replaceAll(/'[^']*'/g, "").split("#")[0]!;
    const options = [...unquoted.matchAll(/(?:^|\s)(--?[a-zA-Z][\w-]*)/g)].map(([, o]) => o!);
    return options
      .filter((option) => !flags.includes(option))
      .map((option) => `gradbook ${command} ${option}`);
  });
  expect(wrong).toEqual([]);
});

test("YAML on the pages is valid for the file that it describes", () => {
  for (const { page, line, code } of blocks("yaml")) {
    for (const value of loadAll(code) as Record<string, unknown>[]) {
      if ("readout" in value) parseModelConfig(value, `${page}:${line}`);
      if ("model_config" in value) trainSchema.parse(value);
      expect(Object.keys(value).length).toBeGreaterThan(0);
    }
  }
});

test("the migration page lists every flag, and Python reads a checkpoint as described", () => {
  const page = readFileSync("docs/migrating.md", "utf8");
  const flags = Object.keys(FLAGS).filter((name) => !page.includes(`--${name}\``));
  expect(flags).toEqual([]);
  const classes = ["MultiDatasetModel", "MultiDatasetDM", "EpochHeartbeat", "ContrastWeightedSampler"];
  const scripts = ["train_ddp_multidataset.py", "run_all_models.sh"];
  const there = page.split("\n").map((line) => /^\| (.*?) \|/.exec(line)?.[1] ?? "");
  const absent = [...classes, ...scripts].filter(
    (name) => !there.some((cell) => cell.includes(`\`${name}\``)),
  );
  expect(absent).toEqual([]);
  const [python] = blocks("python").filter((block) => block.page === join("docs", "migrating.md"));
  const dir = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    const main = resolve("dist/lib/cli/main.js");
    execFileSync(process.execPath, [
      main,
      "train",
      "--model_config",
      "configs/models/quickstart.yaml",
      "--dataset_configs_path",
      "configs/sessions/demo.yaml",
      "--max_datasets",
      "1",
      "--max_epochs",
      "1",
      "--steps_per_epoch",
      "2",
      "--checkpoint_dir",
      dir,
      "--experiment_name",
      "run",
    ]);
    const cwd = join(dir, "run", "checkpoints");
    const said = execFileSync(testPython, ["-c", python!.code], { cwd, encoding: "utf8" });
    expect(said).toMatch(/^frontend\.temporal_conv\.weight \(11, 1, 1, 1, 4\)$/m);
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 60_000);

test("the page on session files leads from arrays to a trained model and its report", () => {
  const dir = mkdtempSync(join(tmpdir(), "gradbook-"));
  try {
    const main = resolve("dist/lib/cli/main.js");
    const ofPage = (kind: string) =>
      blocks(kind).filter(({ page }) => page === join("docs", "session-format.md"));
    const options = { cwd: dir, encoding: "utf8", stdio: "pipe" } as const;
    execFileSync(testPython, ["-c", ofPage("python")[0]!.code], options);
    execFileSync(process.execPath, [main, "init"], options);
    for (const { code } of ofPage("yaml")) {
      const [, file] = /^# (\S+\.yaml)\n/.exec(code) ?? [];
      if (file) writeFileSync(join(dir, file), code);
    }
    const commands = ofPage("sh")
      .at(-1)!
      .code.matchAll(/^npx gradbook ([^#\n]*)/gm);
    for (const [, words] of commands) {
      const quick = words!.startsWith("train ") ? ["--max_epochs", "1", "--steps_per_epoch", "3"] : [];
      execFileSync(process.execPath, [main, ...words!.trim().split(" "), ...quick], options);
    }
    expect(existsSync(join(dir, "checkpoints", "ada", "report.html"))).toBe(true);
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 120_000);

test("the architecture names files that exist", () => {
  const files = ["lib", "kernel", "test"].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" }).map((file) => `/${room}/${file}`),
  );
  const named = readFileSync("ARCHITECTURE.md", "utf8").matchAll(/`([\w./-]+\.(?:ts|py|mts))`/g);
  const unknown = [...named].filter(([, name]) => !files.some((file) => file.endsWith(`/${name}`)));
  expect(unknown.map(([, name]) => name)).toEqual([]);
});

test("links lead to existing targets", () => {
  const broken = PAGES.flatMap((page) => {
    const text = readFileSync(page, "utf8");
    const anchors = (file: string) =>
      [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .trim()
          .replace(/\s/g, "-"),
      );
    return [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].flatMap(([, link]) => {
      const [path, anchor] = link!.split("#");
      const file = path ? join(dirname(page), path) : page;
      if (!existsSync(file)) return [`${page}: ${link}`];
      return anchor && !anchors(file).includes(anchor) ? [`${page}: ${link}`] : [];
    });
  });
  expect(broken).toEqual([]);
});
