import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { canMount, mounting } from "../mounting";
import { newFolder } from "../new-folder";
import { gradbookIn, MAIN } from "./gradbook";

/** Pages that cannot be written: each command ends with one line that states the reason and the remedy. */
const START = {
  event: "fit_start",
  time: 1,
  name: "run",
  folder: "run",
  parameters: 3,
  max_epochs: 2,
  steps_per_epoch: 1,
};

let dir: string;
beforeEach(() => {
  dir = newFolder();
  mkdirSync(join(dir, "run"));
  writeFileSync(join(dir, "run", "events.jsonl"), `${JSON.stringify(START)}\n`);
});

const GRADBOOK = `"${process.execPath}" "${MAIN}"`;

/** Returns the lines of standard error without progress lines. */
const errors = (stderr: string) => stderr.split("\n").filter((line) => line && !line.endsWith(" ..."));

test.each(["report", "compare"])("%s rejects an empty file name for the page", (command) => {
  const { status, stderr } = gradbookIn(dir, command, "run", "--out", "");
  expect(errors(stderr)).toEqual(["a file's name: is empty; give one"]);
  expect(status).toBe(2);
});

test.runIf(existsSync("/proc/self")).each(["report", "compare"])(
  "%s rejects a page in a file system that accepts no files",
  (command) => {
    const { status, stderr } = gradbookIn(dir, command, "run", "--out", "/proc/x");
    const [line, ...more] = errors(stderr);
    expect(line).toMatch(
      /^\/proc: cannot be made or written \(ENOENT: .*\); give a folder that you may write$/,
    );
    expect(more).toEqual([]);
    expect(status).toBe(2);
  },
);

test.skipIf(process.platform === "win32")("report writes a page to a pipe without replacing the pipe", () => {
  const fifo = join(dir, "page");
  expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
  const { status, stdout } = spawnSync("sh", ["-c", `${GRADBOOK} report run --out page & cat page; wait`], {
    cwd: dir,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^<!doctype html>/);
  expect(statSync(fifo).isFIFO()).toBe(true);
});

test.runIf(canMount)("report names the full disk and the page, and leaves no partial file", () => {
  const { status, stderr } = mounting(
    dir,
    `mkdir full && mount -t tmpfs -o size=8k tmpfs full && { ${GRADBOOK} report run --out full/page.html; code=$?; ls -A full; exit $code; }`,
  );
  expect(errors(stderr)).toEqual([
    "full/page.html: the disk is full; make room, or give another folder (ENOSPC at write)",
  ]);
  expect(status).toBe(1);
});

test.runIf(canMount)("simulate names a full disk and the session, and leaves no part of it", () => {
  const sessions = "--sessions 1 --units 2 --frames 1200 --size 11";
  const { status, stdout, stderr } = mounting(
    dir,
    `mkdir full && mount -t tmpfs -o size=8k tmpfs full && { ${GRADBOOK} simulate --out full ${sessions}; code=$?; ls -A full; exit $code; }`,
  );
  expect(errors(stderr)).toEqual([
    "full/luke_2031-03-01.truth.h5: cannot be written (No space left on device); if the disk is full, make room, or give another folder",
  ]);
  expect([status, stdout]).toEqual([2, ""]);
});

test.runIf(canMount)("report of a read-only run asks for another path for its page", () => {
  const readOnly = "mount --bind run run && mount -o remount,ro,bind run";
  const refused = mounting(dir, `${readOnly} && ${GRADBOOK} report run`);
  const lines = errors(refused.stderr).map((line) => line.replace(/\.\d+\.tmp/, ".PID.tmp"));
  expect(lines).toEqual([
    "run: cannot be made or written (EROFS: read-only file system, open 'run/.PID.tmp'); give a folder that you may write",
  ]);
  expect(refused.status).toBe(2);
  const written = mounting(dir, `${readOnly} && ${GRADBOOK} report run --out page.html`);
  expect(errors(written.stderr)).toEqual([]);
  expect(written.status).toBe(0);
  expect(readFileSync(join(dir, "page.html"), "utf8")).toMatch(/^<!doctype html>/);
  expect(readdirSync(join(dir, "run"))).toEqual(["events.jsonl"]);
});
