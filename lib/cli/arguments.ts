import { InvalidArgumentError } from "commander";

/** Parses the value of an option that is a whole number from 0. */
export function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number.");
}

/** Parses the value of an option that is a whole number from 1. */
export function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number, 1 or more.");
}

/** Parses the value of an option that is a number over 0. */
export function positiveNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("must be a number over 0.");
}

/** Parses the value of an option that lists whole numbers, such as `3,7,12`. */
export function wholeNumbers(text: string): number[] {
  return text.split(",").map((word) => whole(word.trim()));
}

/** Converts papermill's `-p name value` to `-p name=value`, which commander accepts. */
export function joinParameters(args: readonly string[]): string[] {
  const joined = [...args];
  for (let i = 0; i < joined.length; i++) {
    const isFlag = joined[i] === "-p" || joined[i] === "--parameters";
    if (isFlag && i + 2 < joined.length && !joined[i + 1]!.includes("="))
      joined.splice(i + 1, 2, `${joined[i + 1]}=${joined[i + 2]}`);
  }
  return joined;
}
