/** Makes an element with properties and children. Texts become text nodes, so names of units or files are never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element of SVG. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** Returns an id that no other element has; several pages may be shown in one notebook. */
export const newId = (prefix: string): string => `${prefix}-${Math.random().toString(36).slice(2)}`;

/** The directions of the arrow keys. */
export const ARROWS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Makes a part of the page with a heading. */
export function panel(title: string, className: string, ...children: (Node | string)[]): HTMLElement {
  return element("section", { className: `panel ${className}` }, element("h2", {}, title), ...children);
}

/** The range of a slider. */
export interface SliderOptions {
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** The steps of a slider by key. */
const STEPS: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 };

/** Makes a slider with its label and its value in words. @returns the row, and a function that moves the slider */
export function slider(
  { label, unit, min, max, step }: SliderOptions,
  onInput: (value: number) => void,
): { row: HTMLElement; show(value: number): void } {
  const input = element("input", { type: "range" });
  Object.assign(input, { min: String(min), max: String(max), step: String(step) });
  // Not an `output`, whose changes a screen reader would announce beside those of the slider.
  const words = element("span", { className: "value" });
  const digits = String(step).split(".")[1]?.length ?? 0;
  const show = (value: number) => {
    input.value = String(value);
    words.textContent = `${value.toFixed(digits)}${unit}`;
    input.setAttribute("aria-valuetext", words.textContent);
  };
  const take = () => {
    show(Number(input.value));
    onInput(Number(input.value));
  };
  input.addEventListener("input", take);
  // JupyterLab cancels what arrow keys do by themselves.
  input.addEventListener("keydown", (event) => {
    const steps = STEPS[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    input.stepUp(steps);
    take();
  });
  return { row: element("label", { className: "slider" }, element("span", {}, label), input, words), show };
}
