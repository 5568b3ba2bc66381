/** Returns the subject of a session: the text before the first `_`. */
export const subjectOf = (session: string): string => session.split("_")[0]!;

/** Returns the mean of values that are not NaN; NaN if there is none. */
export function meanOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : known.reduce((a, b) => a + b, 0) / known.length;
}

/** Returns the mean over each session's units. @param unitDataset the session of each unit @param sessions the number of sessions */
export function meansOfSessions(
  perUnit: ArrayLike<number>,
  unitDataset: Int32Array,
  sessions: number,
): number[] {
  const ofSession = Array.from({ length: sessions }, (): number[] => []);
  for (const [unit, session] of unitDataset.entries()) ofSession[session]!.push(perUnit[unit]!);
  return ofSession.map(meanOfKnown);
}

/** Returns the mean over each subject's sessions. @param sessions the sessions' names */
export function meansOfSubjects(
  perSession: readonly number[],
  sessions: readonly string[],
): Record<string, number> {
  const bySubject = new Map<string, number[]>();
  perSession.forEach((value, i) => {
    const subject = subjectOf(sessions[i]!);
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), value]);
  });
  return Object.fromEntries([...bySubject].map(([subject, values]) => [subject, meanOfKnown(values)]));
}
