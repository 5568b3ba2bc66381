/** What a learning rate may depend on. */
export interface ScheduleState {
  /** From 0. */
  readonly epoch: number;
  readonly baseLr: number;
  readonly maxEpochs: number;
  /** The monitored loss of each finished epoch, oldest first; only `plateau` reads it. */
  readonly losses?: readonly number[];
}

/** The learning rate of an epoch: a pure function, so a resumed run needs no scheduler state. */
export type Schedule = (state: ScheduleState) => number;

/** The same rate throughout. */
export const none = (): Schedule => (state) => state.baseLr;

/** Halved every 30 epochs. */
export const step = (): Schedule => (state) => state.baseLr * 0.5 ** Math.floor(state.epoch / 30);

/** Bad epochs in a row that are put up with. */
const PATIENCE = 3;
/** The share of the best loss by which an epoch has to be better. */
const IMPROVEMENT = 1e-4;

/** Halved when more than 3 epochs in a row do not improve on the best loss by a relative 1e-4. */
export const plateau =
  (): Schedule =>
  ({ epoch, baseLr, losses = [] }) => {
    let best = Number.POSITIVE_INFINITY;
    let bad = 0;
    let lr = baseLr;
    for (const loss of losses.slice(0, epoch)) {
      // The threshold lies below the best loss, also when that is negative.
      const improved = best === Number.POSITIVE_INFINITY || loss < best - IMPROVEMENT * Math.abs(best);
      if (improved) best = loss;
      bad = improved ? 0 : bad + 1;
      if (bad > PATIENCE) {
        lr *= 0.5;
        bad = 0;
      }
    }
    return lr;
  };

/** From the base rate to 0 along half a cosine. */
export const cosine = (): Schedule => (state) => falling(state.baseLr, 0, state.epoch / state.maxEpochs);

export interface WarmupOptions {
  /** Default 5. */
  warmupEpochs?: number;
  /** The rate in epoch 0. Default 0: all of epoch 0 then trains nothing. */
  warmupStartLr?: number;
  /** Where the cosine ends. Default 0. */
  etaMin?: number;
}

/** Linear from `warmupStartLr`, then a cosine to `etaMin` over what remains. */
export const cosineWarmup = (options: WarmupOptions = {}): Schedule =>
  afterWarmup(options, (epoch, { baseLr }, remaining, etaMin) => falling(baseLr, etaMin, epoch / remaining));

export interface RestartOptions extends WarmupOptions {
  /** Epochs of one cosine. Default: half of what follows the warm-up. */
  restartPeriod?: number | null;
}

/** As `cosineWarmup`, the cosine starting anew every `restartPeriod` epochs (Loshchilov & Hutter 2017). */
export const cosineWarmupRestart = ({ restartPeriod, ...options }: RestartOptions = {}): Schedule =>
  afterWarmup(options, (epoch, { baseLr }, remaining, etaMin) => {
    const period = Math.max(1, restartPeriod ?? Math.floor(remaining / 2));
    return falling(baseLr, etaMin, (epoch % period) / period);
  });

function afterWarmup(
  { warmupEpochs = 5, warmupStartLr = 0, etaMin = 0 }: WarmupOptions,
  then: (epoch: number, state: ScheduleState, remaining: number, etaMin: number) => number,
): Schedule {
  return (state) => {
    const { epoch, baseLr, maxEpochs } = state;
    if (epoch < warmupEpochs) return warmupStartLr + ((baseLr - warmupStartLr) * epoch) / warmupEpochs;
    return then(epoch - warmupEpochs, state, Math.max(1, maxEpochs - warmupEpochs), etaMin);
  };
}

function falling(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
