import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { writeComparison } from "../report/compare";

/** `gradbook compare runs/*`: several runs on one page. */
export function compareCommand(): Command {
  return new Command("compare")
    .description("draw the curves of several runs on one page, and list how their configurations differ")
    .argument("<runs...>", "their folders, or their names in runs/; folders without a run are left out")
    .option("--out <page>", "where the page goes", "compare.html")
    .action((given: string[], { out }: { out: string }) => {
      const found = given.map((name) => (existsSync(name) ? name : join("runs", name)));
      // runs/* names files too, such as a batch's summary.csv.
      const folders = found.filter((path) => !existsSync(path) || statSync(path).isDirectory());
      const { table, page, leftOut } = writeComparison(folders, out);
      for (const folder of leftOut) console.error(`${folder} holds no run: left out`);
      console.log(`${table}\n\npage  ${page}`);
    });
}
