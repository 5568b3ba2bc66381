import { ConfigError } from "../base/config";
import { monitored } from "../protocols/callback";
import type { Metrics } from "../protocols/events";

/** A number in a template, with an optional format of Python: `{epoch:02d}`, `{val_loss:.4f}`. */
const PLACE = /\{([^{}:]+)(?::([^{}]*))?\}/g;
const FORMAT = /^(0?)(\d*)(?:\.(\d+))?([dfeg]?)$/;

/**
 * Checks a template of file names.
 *
 * @throws ConfigError for a path, a brace that belongs to no number, or a format that is not supported
 */
export function checkTemplate(template: string, where: string): void {
  const fail = (message: string) => new ConfigError(where, [{ path: "filename", message }]);
  const rest = template.replace(PLACE, (place, _name, format = "") => {
    if (!FORMAT.test(format)) {
      const message = `has the format "${format}" in ${place}; allowed are those of Python for numbers, such as 02d, .4f, .3e`;
      throw fail(message);
    }
    return "";
  });
  if (/[/\\]/.test(rest)) throw fail(`"${template}" must be a file's name without folders`);
  if (/[{}]/.test(rest))
    throw fail(`"${template}" has a brace without its partner; write {name} or {name:.4f}`);
}

/**
 * Fills in a template as Lightning's `ModelCheckpoint` does, where each number is preceded by its name:
 * `{epoch:02d}-{val_loss:.4f}` becomes `epoch=07-val_loss=0.1250`. Epochs are counted from 0.
 *
 * @param template a template that `checkTemplate` accepts
 * @throws Error for a name that is not among the metrics, listing them
 */
export function checkpointName(template: string, numbers: Metrics): string {
  return template.replace(PLACE, (_place, name: string, format = "") => {
    const value = monitored(numbers, name);
    // Metrics of a session have a slash in their name.
    return `${name.replace(/[/\\]/g, "_")}=${formatted(value, format)}`;
  });
}

/** Formats a number as Python's `format` does. */
function formatted(value: number, format: string): string {
  const [, zero, width, digits, kind] = FORMAT.exec(format)!;
  const precision = digits === undefined ? 6 : Number(digits);
  const text =
    kind === "d"
      ? value.toFixed(0)
      : kind === "f"
        ? value.toFixed(precision)
        : kind === "e"
          ? value.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2")
          : kind === "g" || digits !== undefined
            ? String(Number(value.toPrecision(Math.max(1, precision))))
            : String(value);
  const sign = zero && value < 0 ? "-" : "";
  return sign + text.slice(sign.length).padStart(Number(width) - sign.length, zero ? "0" : " ");
}
