import { execFile } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { Table } from "../../lib/base/jupyter/table";
import { writeHdf5 } from "../../lib/data/hdf5";
import type { DataRow } from "./measure";
import type { DiskRow } from "./measure-disk";
import type { HostRow } from "./measure-host";

const [SIZE, UNITS, TRIAL, LAGS] = [51, 20, 240, 25];

/** `npm run bench -- data`: sessions loaded and batches served, for several numbers of sessions, and from memory and from the disk. */
export function dataCommand(): Command {
  return new Command("data")
    .description(
      "load sessions and serve batches of 256 samples with 25 lags; writes temporary files of 2.6 kB a frame",
    )
    .option("--frames <n>", "frames of each session", Number, 100_000)
    .option("--sessions <list>", "numbers of sessions", (text) => text.split(",").map(Number), [1, 5, 10, 20])
    .action(async ({ frames, sessions }: { frames: number; sessions: number[] }) => {
      const dir = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
      try {
        const config = await synthetic(join(dir, "long"), frames, Math.max(...sessions));
        const small = await synthetic(join(dir, "short"), 10 * TRIAL, 1);
        const rows: (DataRow & HostRow)[] = [];
        for (const count of sessions) {
          const device = await measured<DataRow>("measure", config, small, String(count));
          const host = await measured<HostRow>("measure-host", config, String(count));
          const row = { ...device, ...host };
          console.log(JSON.stringify(row));
          rows.push(row);
        }
        const disk: Partial<DiskRow> = {};
        for (const place of ["memory", "warm", "cold"])
          Object.assign(disk, await measured<Partial<DiskRow>>("measure-disk", config, place));
        console.log(JSON.stringify({ bench: "disk", frames, ...disk }));
        console.error(String(new Table([disk], "Samples per second of one session")));
        console.error(
          String(
            new Table(
              rows.map(({ bench: _, movies, base, ...row }) => ({
                ...row,
                "base (MB)": Math.round(base / 1e6),
                "movies (MB)": Math.round(movies / 1e6),
              })),
            ),
          ),
        );
      } finally {
        rmSync(dir, { recursive: true });
      }
    });
}

/**
 * Runs a script of this folder in its own process and returns what it prints. A separate process gives each measurement
 * its own memory peak.
 */
async function measured<Row>(script: string, ...words: string[]): Promise<Row> {
  const node = ["--expose-gc", "--import", "tsx", join(__dirname, `${script}.ts`)];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, ...words]);
  return JSON.parse(stdout) as Row;
}

/**
 * Writes one session's file under several names. Each file is read separately, and reading is what the benchmark
 * measures.
 */
async function synthetic(dir: string, frames: number, count: number): Promise<string> {
  mkdirSync(dir);
  const path = join(dir, "s_0.h5");
  await writeHdf5(path, (file) => {
    for (const [name, value] of Object.entries({ name: "s_0", sampling_rate: 120, pixels_per_degree: 12 }))
      file.create_attribute(name, value);
    const put = (
      group: typeof file,
      name: string,
      data: Uint8Array | Int32Array | Float32Array,
      shape: number[],
    ) => group.create_dataset({ name, data, shape });
    put(
      file,
      "cids",
      Int32Array.from({ length: UNITS }, (_, i) => i),
      [UNITS],
    );
    const group = file.create_group("noise") as typeof file;
    const stim = new Uint8Array(frames * SIZE * SIZE);
    for (let i = 0; i < stim.length; i++) stim[i] = Math.imul(i, 2_654_435_761) >>> 24;
    put(group, "stim", stim, [frames, SIZE, SIZE]);
    put(
      group,
      "robs",
      Float32Array.from({ length: frames * UNITS }, (_, i) => Number(i % 7 === 0)),
      [frames, UNITS],
    );
    put(group, "eyepos", new Float32Array(2 * frames), [frames, 2]);
    put(
      group,
      "t_bins",
      Float32Array.from({ length: frames }, (_, t) => t / 120),
      [frames],
    );
    put(
      group,
      "trial_inds",
      Int32Array.from({ length: frames }, (_, t) => Math.floor(t / TRIAL)),
      [frames],
    );
    put(group, "dpi_valid", new Float32Array(frames).fill(1), [frames]);
  });
  const names = Array.from({ length: count }, (_, i) => `s_${i}`);
  for (const name of names) {
    if (name !== "s_0") linkSync(path, join(dir, `${name}.h5`));
    writeFileSync(join(dir, `${name}.yaml`), `cids: [${Array.from({ length: UNITS }, (_, i) => i)}]`);
  }
  const config = join(dir, "parent.yaml");
  const lags = Array.from({ length: LAGS }, (_, i) => i);
  const datafilters = { dfs: { ops: [{ valid_nlags: { n_lags: LAGS } }] } };
  writeFileSync(
    config,
    JSON.stringify({ types: ["noise"], sessions: names, keys_lags: { stim: lags }, datafilters }),
  );
  return config;
}
