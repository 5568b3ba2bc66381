/** The kernel's own packages, which a notebook imports if its folder has no copy. */
export const OWN = ["gradbook", "tslab"];

/** Whether a package is the kernel's own, or the TensorFlow package that it uses. */
export const isOwn = (specifier: string): boolean =>
  OWN.some((name) => specifier === name || specifier.startsWith(`${name}/`)) ||
  /^@tensorflow\/[^/]+(\/|$)/.test(specifier);
