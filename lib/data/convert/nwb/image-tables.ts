import { openImageFile } from "./clips";
import { openImages } from "./images";
import type { NwbFile } from "./nwb-file";
import { CLIP_START, openTable } from "./presentations";
import type { Candidate } from "./shown";
import { intervalTables, readColumn } from "./table";

/** The columns that may hold the number or the name of the image of each presentation, the first one that a table has first. */
const IMAGE_COLUMNS = [
  "image_index",
  "image_id",
  "frame",
  "frame_index",
  "template_index",
  "stimulus_index",
  CLIP_START,
  "image_name",
  "image",
  "stimulus_id",
];
/** The columns that may name the template of each presentation. */
const TEMPLATE_COLUMNS = ["image_set", "stimulus_template", "stimulus_name"];
const TEMPLATES = "stimulus/templates";

/** The choices for the images of interval tables. */
export interface ImageChoice {
  /** The column with the images. Default: the first known one of each table. */
  readonly column: string | undefined;
  /** A `.npy` file with the images, in place of `stimulus/templates`. */
  readonly file: string | undefined;
}

/**
 * Returns the stimuli of interval tables: each row shows an image of `stimulus/templates`, as the Allen Institute's files have it, or one of
 * another file. A table with rows of several templates has one stimulus for each.
 */
export async function tablesOfImages(nwb: NwbFile, { column, file }: ImageChoice): Promise<Candidate[]> {
  const templates = file ? [] : nwb.keys(TEMPLATES);
  const found: Candidate[] = [];
  for (const table of intervalTables(nwb)) {
    const images = column ?? IMAGE_COLUMNS.find((name) => nwb.array(`${table}/${name}`)?.shape.length === 1);
    if (!images || !nwb.array(`${table}/${images}`)) continue;
    const rows = await templateOfRows(nwb, table, templates);
    const short = table.split("/").at(-1)!;
    const shown = templates.filter((template) => rows.includes(template));
    const sources = file ? [""] : shown;
    for (const template of sources) {
      const from = file ?? `${TEMPLATES}/${template}`;
      const openStack = async () => (file ? openImageFile(file) : openImages(nwb, from));
      const isOnly = sources.length === 1;
      found.push({
        name: isOnly ? short : `${short}:${template}`,
        description: `column ${images} of ${table}, images of ${from}`,
        open: async (chosen) =>
          openTable(nwb, {
            name: isOnly ? short : template,
            table,
            column: images,
            template,
            rows,
            openStack,
            others: shown.filter((other) => !chosen.includes(`${short}:${other}`)),
          }),
      });
    }
  }
  return found;
}

/** Returns the template of each row; empty for rows that name none. */
async function templateOfRows(nwb: NwbFile, table: string, templates: readonly string[]): Promise<string[]> {
  const count = nwb.array(`${table}/start_time`)!.shape[0]!;
  for (const name of TEMPLATE_COLUMNS) {
    const values = await readColumn(nwb, table, name);
    const named = Array.from<string | number>(values ?? []).map((value) =>
      matching(String(value), templates),
    );
    if (named.some((template) => template !== "")) return named;
  }
  const own = matching(table.split("/").at(-1)!, templates) || (templates.length === 1 ? templates[0]! : "");
  return new Array<string>(count).fill(own);
}

/** Returns the template of this name, or the one whose name is a part of it, such as `natural_scenes` of `natural_scenes_presentations`. */
function matching(name: string, templates: readonly string[]): string {
  if (templates.includes(name)) return name;
  const parts = templates.filter((template) => name.includes(template) || template.includes(name));
  return name !== "" && parts.length === 1 ? parts[0]! : "";
}
