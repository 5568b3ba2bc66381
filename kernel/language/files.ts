import ts from "typescript";

/**
 * A cache of the disk: packages are cached while the kernel runs, the user's files until `refresh`. A type check mostly
 * asks whether files exist, thousands of times.
 */
export class Files {
  private readonly packages = new Known();
  private user = new Known();

  refresh(): void {
    this.user = new Known();
  }

  readonly fileExists = (file: string): boolean => kept(this.of(file).files, file, ts.sys.fileExists);

  readonly directoryExists = (folder: string): boolean =>
    kept(this.of(`${folder}/`).folders, folder, ts.sys.directoryExists);

  readonly readFile = (file: string): string | undefined => this.snapshot(file)?.text;

  readonly realpath = (file: string): string => kept(this.of(file).real, file, ts.sys.realpath!);

  readonly snapshot = (file: string): Snapshot | undefined =>
    kept(this.of(file).snapshots, file, () => {
      const text = ts.sys.readFile(file);
      return text === undefined ? undefined : new Snapshot(text);
    });

  /** Changes when the file was edited. */
  readonly version = (file: string): string =>
    isPackage(file)
      ? ""
      : kept(this.user.versions, file, () => String(ts.sys.getModifiedTime!(file)?.getTime()));

  private of(file: string): Known {
    return isPackage(file) ? this.packages : this.user;
  }
}

class Known {
  readonly files = new Map<string, boolean>();
  readonly folders = new Map<string, boolean>();
  readonly real = new Map<string, string>();
  readonly versions = new Map<string, string>();
  readonly snapshots = new Map<string, Snapshot | undefined>();
}

/** The whole text of a file; what changed in it is never asked. */
class Snapshot implements ts.IScriptSnapshot {
  constructor(readonly text: string) {}
  getText = (start: number, end: number) => this.text.slice(start, end);
  getLength = () => this.text.length;
  getChangeRange = () => undefined;
}

function kept<T>(known: Map<string, T>, key: string, find: (key: string) => T): T {
  if (!known.has(key)) known.set(key, find(key));
  return known.get(key)!;
}

export const isPackage = (file: string) => file.includes("/node_modules/");
