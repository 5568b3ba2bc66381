/** Whether a path is the address of something on a server. */
export const isAddress = (path: string): boolean => /^https?:\/\//.test(path);
