/** The global name under which compiled cells find the kernel. */
export const RUNTIME = "__cell__";
