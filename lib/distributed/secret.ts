import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { makeFolderOf } from "../base/files/folder";

/** The key of a training: its text, or the file that rank 0 writes it to. */
export type Secret = { readonly key: string } | { readonly file: string };

export const newKey = (): string => randomBytes(32).toString("hex");

/** Writes a new key to a file that only this user may read. @throws ConfigError when the folder cannot be written */
export function writeSecret(file: string): string {
  makeFolderOf(file);
  const key = newKey();
  rmSync(file, { force: true });
  writeFileSync(file, key, { mode: 0o600, flag: "wx" });
  return key;
}

/** Returns the key; undefined while its file does not exist. */
export function readSecret(secret: Secret): string | undefined {
  if ("key" in secret) return secret.key;
  try {
    return readFileSync(secret.file, "utf8");
  } catch {
    return undefined;
  }
}

/** Compares two keys in constant time. */
export function isSameKey(a: string, b: string): boolean {
  const digest = (key: string) => createHash("sha256").update(key).digest();
  return timingSafeEqual(digest(a), digest(b));
}
