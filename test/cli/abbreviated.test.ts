import { expect, test } from "vitest";
import { AbbreviatedCommand } from "../../lib/cli/train/abbreviated";

/** Parses arguments with a few options, and returns the options or the error's text. */
function parse(...args: string[]): unknown {
  const command = new AbbreviatedCommand("train")
    .option("--learning_rate <rate>")
    .option("--lr_scheduler <type>")
    .option("--gpu <n>")
    .option("--gpu_ids <n>")
    .option("--compile")
    .argument("[rest...]")
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    command.parse(args, { from: "user" });
    return { ...command.opts(), ...(command.args.length > 0 ? { rest: command.args } : {}) };
  } catch (error) {
    return (error as Error).message;
  }
}

test("completes an unambiguous prefix of an option, with its value in the same or the next word", () => {
  expect(parse("--learn", "1e-3", "--comp")).toEqual({ learning_rate: "1e-3", compile: true });
  expect(parse("--lr=cosine=x")).toEqual({ lr_scheduler: "cosine=x" });
});

test("reads a complete name as that option although another name begins with it", () => {
  expect(parse("--gpu", "1")).toEqual({ gpu: "1" });
  expect(parse("--gpu_", "0,1")).toEqual({ gpu_ids: "0,1" });
});

test("rejects an ambiguous prefix and lists the options", () => {
  expect(parse("--l", "1")).toBe(
    "error: ambiguous option '--l' may be one of: --learning_rate, --lr_scheduler",
  );
});

test("passes unknown options, and words after --, to commander unchanged", () => {
  expect(parse("--batch", "1")).toMatch(/^error: unknown option '--batch'/);
  expect(parse("--", "--comp")).toEqual({ rest: ["--comp"] });
});
