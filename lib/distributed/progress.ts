/** Places in the shared array by which a process's main thread tells how far it is. */
export const PROGRESS = { moves: 0, step: 1, waiting: 2, length: 3 } as const;
