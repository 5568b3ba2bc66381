import { readFileSync } from "node:fs";
import { load, YAMLException } from "js-yaml";
import { ConfigError } from "./errors";

/**
 * Reads one YAML document.
 *
 * @throws ConfigError when the file is missing, unreadable or not YAML, with the line
 */
export function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const message = code === "ENOENT" ? "no such file; check the path" : `cannot be read (${code})`;
    throw new ConfigError(file, [{ path: "", message }], { cause });
  }
  try {
    return load(text, { filename: file });
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    const line = cause.mark ? `line ${cause.mark.line + 1}, column ${cause.mark.column + 1}: ` : "";
    throw new ConfigError(file, [{ path: "", message: `${line}not valid YAML: ${cause.reason}` }], { cause });
  }
}
