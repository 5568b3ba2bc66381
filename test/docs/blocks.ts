import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A block of code of one of the pages. */
export interface Block {
  page: string;
  /** Its first line on the page, from 1. */
  line: number;
  language: string;
  code: string;
}

/** The README and the guides. */
export const PAGES: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "ARCHITECTURE.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** Every block of code that has a language. */
export function blocks(language: string): Block[] {
  return PAGES.flatMap((page) => {
    const text = readFileSync(page, "utf8");
    return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
      page,
      line: text.slice(0, match.index).split("\n").length + 1,
      language: match[1]!,
      code: match[2]!,
    }));
  }).filter((block) => block.language === language);
}
