import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { streamAtomically, writeAtomically } from "../../../lib/base/files/atomic";
import { newFolder } from "../../new-folder";

const bytes = (text: string) => new TextEncoder().encode(text);
async function* streamOf(chunks: Iterable<Uint8Array>) {
  yield* chunks;
}
const WAYS = {
  "from chunks at hand": async (path: string, chunks: Iterable<Uint8Array>) => writeAtomically(path, chunks),
  "from a stream": (path: string, chunks: Iterable<Uint8Array>) => streamAtomically(path, streamOf(chunks)),
};

test.each(Object.entries(WAYS))("writes a file %s, in place of an earlier one", async (_, write) => {
  const dir = newFolder();
  const path = join(dir, "file");
  writeFileSync(path, "an earlier text");
  await write(path, [bytes("one "), bytes("two")]);
  expect(readFileSync(path, "utf8")).toBe("one two");
  expect(readdirSync(dir)).toEqual(["file"]);
});

test.each(Object.entries(WAYS))(
  "keeps the earlier file when a chunk cannot be computed, %s",
  async (_, write) => {
    const dir = newFolder();
    const path = join(dir, "file");
    writeFileSync(path, "an earlier text");
    function* broken() {
      yield bytes("one");
      expect(readdirSync(dir)).toHaveLength(2);
      throw new RangeError("no second chunk");
    }
    await expect(write(path, broken())).rejects.toThrow(new RangeError("no second chunk"));
    expect(readFileSync(path, "utf8")).toBe("an earlier text");
    expect(readdirSync(dir)).toEqual(["file"]);
  },
);

test.each(Object.entries(WAYS))("names the file in an error of the system, %s", async (_, write) => {
  const path = join(newFolder(), "missing", "file");
  await expect(write(path, [bytes("one")])).rejects.toMatchObject({ code: "ENOENT", path });
  if (process.platform !== "linux") return;
  await expect(write("/dev/full", [bytes("one")])).rejects.toMatchObject({
    code: "ENOSPC",
    path: "/dev/full",
  });
});
