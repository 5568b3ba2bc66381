/** The only session: a kernel keeps no history of earlier ones. */
const SESSION = 1;

/** A cell that was run; the evaluator sets its output when it ends. */
type Entry = [session: number, line: number, input: string, output: string | null];

/** The cells that were run since the kernel started. */
export class History {
  private readonly entries: Entry[] = [];

  add(line: number, input: string): Entry {
    const entry: Entry = [SESSION, line, input, null];
    this.entries.push(entry);
    return entry;
  }

  /** Returns the content of a history_reply. */
  reply(request: Record<string, unknown>): { status: "ok"; history: unknown[] } {
    const found = this.find(request);
    const history = found.map(([session, line, input, output]) => [
      session,
      line,
      request.output === true ? [input, output] : input,
    ]);
    return { status: "ok", history };
  }

  private find({
    hist_access_type,
    n,
    session,
    start,
    stop,
    pattern,
    unique,
  }: Record<string, unknown>): Entry[] {
    const last = (entries: Entry[]) => (typeof n === "number" ? (n > 0 ? entries.slice(-n) : []) : entries);
    if (hist_access_type === "tail") return last(this.entries);
    if (hist_access_type === "range") {
      // 0 is this session. A negative number refers to an earlier session, and there is none.
      if (session !== 0 && session !== SESSION && session !== undefined) return [];
      const [from, to] = [Number(start ?? 0), typeof stop === "number" ? stop : Number.POSITIVE_INFINITY];
      return this.entries.filter(([, line]) => line >= from && line < to);
    }
    // The remaining type is "search".
    const matches = globPattern(String(pattern ?? "*"));
    let entries = this.entries.filter(([, , input]) => matches.test(input));
    if (unique === true) entries = [...new Map(entries.map((entry) => [entry[2], entry])).values()];
    return last(entries);
  }
}

/** Converts a shell pattern with `*` and `?`. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, "[^]*").replace(/\?/g, "[^]")}$`);
}
