/** Packages that a notebook imports where its folder has none: the kernel's own copies. */
export const OWN = ["gradbook", "tslab"];

/** Whether a package is one of them, or TensorFlow's on which they are. */
export const isOwn = (specifier: string): boolean =>
  OWN.some((name) => specifier === name || specifier.startsWith(`${name}/`)) ||
  /^@tensorflow\/[^/]+(\/|$)/.test(specifier);
