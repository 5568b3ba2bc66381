import type { Mode } from "./jobs";
import { median, round } from "./median";
import { ALL_SIZES, type Bench, type Size } from "./model-file";
import { isOverhead, isPeak, isStep, peakOf, type Row, type StepRow } from "./row";

/** Gradbook's compiled step against the peers, at one size. Ratios of times are the peer's over gradbook's: above 1 is faster. */
export interface SizeRatios {
  torch_best_mode?: string;
  vs_torch_best?: number;
  vs_torch_eager?: number;
  vs_lightning?: number;
  /** Gradbook's processor time over that of torch's best mode; below 1 is less. */
  processor_time?: number;
  /** The share of the peak of the whole run. */
  sgemm_share: number;
  torch_best_sgemm_share?: number;
  /** Gradbook's largest memory over that of torch's best mode; below 1 is smaller. */
  peak_memory?: number;
  own_memory?: number;
  compile_s: number;
  /** The operations of a step by gradbook's plan, divided by those credited to every engine. */
  plan_gflop_share: number;
}

export interface Ratios {
  rounds: number;
  /** GFLOP/s of the matrix products, best of all rounds. */
  sgemm: { gradbook?: number; torch?: number; peak: number };
  sizes: Partial<Record<Size, SizeRatios>>;
  /**
   * The milliseconds that a trainer adds to a step of the small model, and (`loop`) to a step of a model with one
   * weight.
   */
  trainer_overhead_ms?: number;
  trainer_loop_overhead_ms?: number;
  lightning_overhead_ms?: number;
  lightning_overhead_logged_ms?: number;
  lightning_loop_overhead_ms?: number;
  lightning_loop_overhead_logged_ms?: number;
}

/** Combines all rounds of one mode into one row: the median of each number. */
export function overRounds(rows: readonly StepRow[], { engine, mode }: Mode, size: Size) {
  const same = rows.filter((row) => row.size === size && row.engine === engine && row.mode === mode);
  if (same.length === 0) return undefined;
  const of = (key: "ms" | "cpu_ms" | "samples_per_s" | "gflops" | "peak_mib" | "own_mib" | "compile_s") =>
    median(same.map((row) => row[key] ?? Number.NaN));
  const times = same.map(({ ms }) => ms);
  return {
    engine,
    mode,
    ms: of("ms"),
    cpu_ms: of("cpu_ms"),
    range: [Math.min(...times), Math.max(...times)] as const,
    samples_per_s: of("samples_per_s"),
    gflops: of("gflops"),
    peak_mib: of("peak_mib"),
    own_mib: of("own_mib"),
    compile_s: of("compile_s"),
    plan_gflop: same[0]!.plan_gflop,
  };
}

export function ratiosOf(
  rows: readonly Row[],
  modes: readonly Mode[],
  benches: Partial<Record<Size, Bench>>,
): Ratios {
  const peaks = rows.filter(isPeak);
  const steps = rows.filter(isStep);
  const best = (engine: string) => peaks.filter((row) => row.engine === engine);
  const peak = peakOf(peaks);
  const sizes = ALL_SIZES.flatMap((size) => {
    const ratios = sizeRatios(steps, modes, size, peak, benches[size]);
    return ratios ? [[size, ratios] as const] : [];
  });
  return {
    rounds: Math.max(...rows.map((row) => row.round)),
    sgemm: {
      ...(best("gradbook").length > 0 ? { gradbook: peakOf(best("gradbook")) } : {}),
      ...(best("torch").length > 0 ? { torch: peakOf(best("torch")) } : {}),
      peak,
    },
    sizes: Object.fromEntries(sizes),
    ...overheads(rows),
  };
}

function sizeRatios(
  rows: readonly StepRow[],
  modes: readonly Mode[],
  size: Size,
  peak: number,
  bench?: Bench,
): SizeRatios | undefined {
  const ours = overRounds(rows, { engine: "gradbook", mode: "compiled" }, size);
  if (!ours || !bench) return undefined;
  const torch = modes
    .filter(({ engine }) => engine === "torch")
    .flatMap((mode) => overRounds(rows, mode, size) ?? []);
  const fastest = torch.reduce<(typeof torch)[number] | undefined>(
    (a, b) => (a && a.ms <= b.ms ? a : b),
    undefined,
  );
  const against = (name: string, peer?: { ms: number }) => (peer ? { [name]: round(peer.ms / ours.ms) } : {});
  const ofMode = (name: string) => torch.find(({ mode }) => mode === name);
  return {
    ...(fastest && {
      torch_best_mode: fastest.mode,
      torch_best_sgemm_share: round(fastest.gflops / peak),
      peak_memory: round(ours.peak_mib / fastest.peak_mib),
      ...(fastest.cpu_ms > 0 && { processor_time: round(ours.cpu_ms / fastest.cpu_ms) }),
      ...(ours.own_mib > 0 && { own_memory: round(ours.own_mib / fastest.own_mib) }),
    }),
    ...against("vs_torch_best", fastest),
    ...against("vs_torch_eager", ofMode("eager")),
    ...against("vs_lightning", ofMode("lightning")),
    sgemm_share: round(ours.gflops / peak),
    compile_s: round(ours.compile_s, 2),
    plan_gflop_share: round((ours.plan_gflop ?? Number.NaN) / bench.gflop_per_step),
  };
}

function overheads(rows: readonly Row[]) {
  const numbers = rows.filter(isOverhead).flatMap(({ mode, ...row }) => {
    const trainer = mode === "trainer_overhead" ? "trainer" : "lightning";
    return Object.entries(row)
      .filter(([key]) => key.includes("overhead"))
      .map(([key, value]) => ({ key: `${trainer}_${key}`, value: Number(value) }));
  });
  const keys = [...new Set(numbers.map(({ key }) => key))];
  const valuesOf = (key: string) => numbers.filter((n) => n.key === key).map(({ value }) => value);
  return Object.fromEntries(keys.map((key) => [key, round(median(valuesOf(key)))]));
}
