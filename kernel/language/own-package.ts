/** Packages that a notebook may import where its folder has none: the kernel's own copies. */
export const isOwn = (specifier: string): boolean =>
  /^(gradbook|tslab|@tensorflow\/[^/]+)(\/|$)/.test(specifier);
