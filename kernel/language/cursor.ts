/** Jupyter counts a cell's text in Unicode code points, JavaScript in UTF-16 units. */
export const toUnits = (code: string, points: number): number => [...code].slice(0, points).join("").length;

export const toPoints = (code: string, units: number): number => [...code.slice(0, units)].length;
