/** The indices of the shared array in which a process's main thread records its progress. */
export const PROGRESS = { moves: 0, step: 1, waiting: 2, length: 3 } as const;
