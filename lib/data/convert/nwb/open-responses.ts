import { unitIds } from "../../check-recording";
import type { NwbFile } from "./nwb-file";
import { openSeries } from "./response-series";
import type { ResponseOptions, Responses } from "./responses";
import { openUnits } from "./spikes";

/** A source of responses in the file. */
interface Candidate {
  readonly at: string;
  readonly description: string;
}

const UNITS = "units";

/**
 * Opens the responses: the spikes of `units`, or the fluorescence of regions of interest, or any series `[time, units]` by its path.
 *
 * @throws ConfigError that lists the candidates when there is no choice, or an unknown one
 */
export async function openResponses(nwb: NwbFile, options: ResponseOptions): Promise<Responses> {
  const candidates = candidatesOf(nwb);
  const list = candidates.map(({ at, description }) => `${at} (${description})`).join(", ");
  const chosen = options.responses?.map((name) => find(nwb, name, candidates, list)) ?? standard(candidates);
  if (!chosen)
    throw nwb.fail(
      "--responses",
      candidates.length > 0
        ? `the file has several kinds of responses; name those to convert, separated by commas: ${list}`
        : "the file has no responses: neither spike times in units, nor a RoiResponseSeries; name a series [time, units] by its path",
    );
  const opened: Responses[] = [];
  for (const at of chosen)
    opened.push(await (at === UNITS ? openUnits(nwb, options) : openSeries(nwb, at, options)));
  return joined(nwb, opened);
}

function candidatesOf(nwb: NwbFile): Candidate[] {
  const groups = ["processing", "acquisition", "analysis"].flatMap((top) => nwb.groupsBelow(top));
  const series = groups
    .filter((at) => nwb.array(`${at}/data`) && nwb.array(`${at}/rois`))
    .map((at) => ({
      at,
      description: `${nwb.typeOf(at) || "RoiResponseSeries"} [${nwb.array(`${at}/data`)!.shape}]`,
    }));
  const units = nwb.array(`${UNITS}/spike_times`)
    ? [{ at: UNITS, description: `spike times of ${nwb.array(`${UNITS}/id`)?.shape[0] ?? 0} units` }]
    : [];
  return [...units, ...series];
}

/** Returns the candidate to use without a choice: the only one, spikes before fluorescence, and dF/F before other fluorescence. */
function standard(candidates: readonly Candidate[]): string[] | undefined {
  if (candidates[0]?.at === UNITS || candidates.length === 1) return [candidates[0]!.at];
  const dff = candidates.filter(({ at }) => /df_?(over_?)?f|dff/i.test(at));
  return dff.length === 1 ? [dff[0]!.at] : undefined;
}

/** Returns the path of a candidate, or of any series, from its path or the end of it. */
function find(nwb: NwbFile, name: string, candidates: readonly Candidate[], list: string): string {
  const matches = candidates.filter(
    ({ at }) => at === name || at.endsWith(`/${name}`) || at.includes(`/${name}/`),
  );
  if (matches.length === 1) return matches[0]!.at;
  if (matches.length === 0 && nwb.array(`${name}/data`)) return name;
  const message =
    matches.length > 1
      ? `${name} names ${matches.map(({ at }) => at).join(" and ")}`
      : `the file has no responses ${name}`;
  throw nwb.fail("--responses", `${message}; it has ${list || "none"}`);
}

/** Joins responses of several sources. Ids that occur twice are replaced by the numbers of the columns. */
function joined(nwb: NwbFile, parts: readonly Responses[]): Responses {
  const [first] = parts as [Responses];
  const all = parts.flatMap(({ cids }) => cids);
  const unique = new Set(all).size === all.length;
  const cids = unitIds(nwb.path, unique ? all : all.map((_, column) => column));
  const assumed = parts.flatMap((part) => part.assumed);
  if (!unique) assumed.push(`cids: 0 to ${all.length - 1}, because ids occur twice`);
  if (parts.length === 1) return { ...first, cids, assumed };
  const other = parts.find(({ kind }) => kind !== first.kind);
  if (other)
    throw nwb.fail(
      "--responses",
      `${first.at} are ${first.kind}, but ${other.at} are ${other.kind}; convert responses of one kind`,
    );
  const coordinates = parts.flatMap((part) => part.coordinates ?? []);
  return {
    at: parts.map(({ at }) => at).join(", "),
    cids,
    assumed,
    kind: first.kind,
    taken: parts.flatMap(({ taken }) => taken),
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
    ...(coordinates.length === all.length ? { coordinates } : {}),
    async inFrames(frames) {
      const tables = await Promise.all(parts.map(async (part) => part.inFrames(frames)));
      return sideBySide(tables, frames.starts.length);
    },
  };
}

/** Joins tables of the same number of rows on their columns. */
function sideBySide(tables: readonly Float32Array[], rows: number): Float32Array {
  const widths = tables.map(({ length }) => length / rows);
  const width = widths.reduce((a, b) => a + b, 0);
  const values = new Float32Array(rows * width);
  for (let t = 0; t < rows; t++) {
    let column = t * width;
    for (const [i, table] of tables.entries()) {
      values.set(table.subarray(t * widths[i]!, (t + 1) * widths[i]!), column);
      column += widths[i]!;
    }
  }
  return values;
}
