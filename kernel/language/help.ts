/** The name that a cell asks about: `name?`, `?name`, or with two question marks for all of its documentation. */
export function helpQuery(code: string): { name: string; detail: 0 | 1 } | undefined {
  const [, before, name, behind] =
    /^\s*(\?{0,2})\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*(\?{0,2});?\s*$/u.exec(code) ?? [];
  const marks = Math.max(before?.length ?? 0, behind?.length ?? 0);
  return marks ? { name: name!, detail: marks === 2 ? 1 : 0 } : undefined;
}
