import { Table } from "../../lib/base/jupyter/table";
import type { Mode } from "./jobs";
import { ALL_SIZES } from "./model-file";
import { overRounds, type Ratios, type SizeRatios } from "./ratios";
import { isFailed, isPeak, isStep, type Row } from "./row";

/** Formats one line of progress for each measurement. */
export function progressLine(row: Row): string {
  const size = "size" in row && row.size ? ` ${row.size}` : "";
  const name = `round ${row.round}${size} ${row.engine} ${row.mode}`;
  if (isFailed(row)) return `${name}: failed: ${row.error}`;
  if (isPeak(row)) return `${name}: ${row.gflops} GFLOP/s`;
  if (isStep(row)) return `${name}: ${row.ms.toFixed(1)} ms, ${row.gflops} GFLOP/s`;
  return `${name}: ${row.overhead_ms} ms a step, ${row.loop_overhead_ms} ms with one weight`;
}

/** Formats all rounds as a table, followed by the conclusions in words. */
export function report(rows: readonly Row[], modes: readonly Mode[], ratios: Ratios): string {
  const steps = rows.filter(isStep);
  const lines = ALL_SIZES.flatMap((size) =>
    modes.flatMap((mode) => {
      const all = overRounds(steps, mode, size);
      if (!all) return [];
      const [fastest, slowest] = all.range;
      return {
        size,
        engine: mode.engine,
        mode: mode.mode,
        "ms a step": all.ms.toFixed(1),
        "cpu ms": Number.isNaN(all.cpu_ms) ? "" : all.cpu_ms.toFixed(1),
        rounds: `${fastest.toFixed(1)}–${slowest.toFixed(1)}`,
        "samples/s": all.samples_per_s.toFixed(0),
        "GFLOP/s": all.gflops.toFixed(0),
        "of sgemm": percent(all.gflops / ratios.sgemm.peak),
        "peak MiB": all.peak_mib.toFixed(0),
        "own MiB": Number.isNaN(all.own_mib) ? "" : all.own_mib.toFixed(0),
        "compile s": all.compile_s.toFixed(1),
      };
    }),
  );
  const title = `The training step: medians of ${ratios.rounds} round(s); sgemm ${sgemmWords(ratios)}`;
  const table = lines.length > 0 ? String(new Table(lines, title)) : title;
  const words = ALL_SIZES.flatMap((size) => {
    const found = ratios.sizes[size];
    return found ? [`${size}: ${sizeWords(found)}`] : [];
  });
  return ["", table, "", ...words, ...overheadWords(ratios), ...warnings(rows)].join("\n");
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

function sgemmWords({ sgemm: { gradbook, torch, peak } }: Ratios): string {
  const each = [
    gradbook === undefined ? "" : `TensorFlow ${gradbook}`,
    torch === undefined ? "" : `torch ${torch}`,
  ].filter((text) => text !== "");
  return `${each.join(", ")}, so the peak is ${peak} GFLOP/s`;
}

function sizeWords(ratios: SizeRatios): string {
  const times = (ratio: number | undefined, peer: string) =>
    ratio === undefined ? [] : [`${ratio.toFixed(2)} × the speed of ${peer}`];
  const { peak_memory: memory, own_memory: own, processor_time: cpu } = ratios;
  return [
    ...times(ratios.vs_torch_best, `torch's best mode (${ratios.torch_best_mode})`),
    ...times(ratios.vs_torch_eager, "torch eager"),
    ...times(ratios.vs_lightning, "Lightning"),
    ...(cpu === undefined ? [] : [`${cpu.toFixed(2)} × the processor time`]),
    `${percent(ratios.sgemm_share)} of sgemm`,
    ...(memory === undefined ? [] : [`${memory.toFixed(2)} × the memory`]),
    ...(own === undefined ? [] : [`${own.toFixed(2)} × without the libraries`]),
    `traced and built in ${ratios.compile_s.toFixed(1)} s`,
    `its plan counts ${percent(ratios.plan_gflop_share)} of the operations`,
  ].join(", ");
}

function overheadWords(ratios: Ratios): string[] {
  const line = (name: string, step?: number, loop?: number) =>
    step === undefined
      ? []
      : [`${name} adds ${step} ms to a step of the small model, ${loop} ms to one of a single weight`];
  return [
    ...line("gradbook's trainer", ratios.trainer_overhead_ms, ratios.trainer_loop_overhead_ms),
    ...line("Lightning", ratios.lightning_overhead_ms, ratios.lightning_loop_overhead_ms),
    ...line(
      "Lightning, every loss logged,",
      ratios.lightning_overhead_logged_ms,
      ratios.lightning_loop_overhead_logged_ms,
    ),
  ];
}

function warnings(rows: readonly Row[]): string[] {
  const failed = new Set(
    rows.filter(isFailed).map(({ engine, mode, error }) => `${engine} ${mode} failed: ${error}`),
  );
  return [...failed];
}
