import { KERNEL } from "../../lib/cli/setup";

/** Returns the text of a notebook: a cell with the tag `parameters` if one is given, then code cells. */
export function notebook(parameters: string | undefined, cells: readonly string[]): string {
  const cell = (source: string, tags: string[], id: number) => ({
    id: `cell-${id}`,
    cell_type: "code",
    execution_count: null,
    metadata: { tags },
    outputs: [],
    source,
  });
  const first = parameters === undefined ? [] : [cell(parameters, ["parameters"], 0)];
  return JSON.stringify({
    cells: [...first, ...cells.map((source, i) => cell(source, [], i + 1))],
    metadata: { kernelspec: { name: KERNEL, display_name: "TypeScript", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
}
