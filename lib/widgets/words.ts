/** Returns the text of a control: its kind, its label and its value. */
export const named = (kind: string, label: string, value: string): string =>
  [kind, label && JSON.stringify(label)].filter(Boolean).join(" ") + (value && `: ${value}`);
