import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { buildSite } from "./site";

const site = newFolder();
let pages: { file: string; html: string }[];

beforeAll(() => {
  buildSite(site);
  pages = readdirSync(site, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => join(site, name))
    .map((file) => ({ file, html: readFileSync(file, "utf8") }));
}, 240_000);

/** The targets of links, pictures, scripts and styles of a page. */
const targets = (html: string) =>
  [...html.matchAll(/<(?:a|img|link|script) [^>]*?(?:href|src)="([^"]+)"/g)].map(([, target]) =>
    target!.replaceAll("&amp;", "&"),
  );

test("the site has a page for each guide, with the guide's title", () => {
  const titles = pages
    .filter(({ file }) => relative(site, file).startsWith("documents"))
    .map(({ html }) => /<title>(.*) \| gradbook<\/title>/.exec(html)![1]);
  const guides = readdirSync("docs").filter((name) => name.endsWith(".md"));
  for (const guide of guides)
    expect(titles).toContain(/^# (.*)$/m.exec(readFileSync(join("docs", guide), "utf8"))![1]);
  expect(titles).toHaveLength(guides.length + 3);
});

test("links are relative and lead to files and headings of the site, or to the web", () => {
  const ids = new Map(
    pages.map(({ file, html }) => [file, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
  );
  const broken = pages.flatMap(({ file, html }) =>
    targets(html)
      .filter((target) => !/^(https:\/\/|data:|javascript:)/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split("#").map(decodeURIComponent);
        const found = path ? join(dirname(file), path) : file;
        return path?.startsWith("/") || !existsSync(found) || (anchor && !ids.get(found)?.has(anchor));
      })
      .map((target) => `${relative(site, file)}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("the site shows the pictures of the README", () => {
  const pictures = targets(readFileSync(join(site, "index.html"), "utf8")).filter((target) =>
    target.endsWith(".png"),
  );
  expect(pictures.sort()).toEqual(["media/jupyterlab.png", "media/quickstart.png"]);
});

test("no page contains a path of the machine that built the site", () => {
  const found = pages.filter(({ html }) =>
    [process.cwd(), `${homedir()}/`, "file://"].some((path) => html.includes(path)),
  );
  expect(found.map(({ file }) => relative(site, file))).toEqual([]);
});
