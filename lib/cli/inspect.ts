import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { frameSize } from "../base/dsp/movie";
import { isAddress } from "../base/files/address";
import { makeFolderOf } from "../base/files/folder";
import { Table } from "../base/jupyter/table";
import { type Recording, readSession, type Session } from "../data";
import { sessionFigure } from "../plots/session";

/** `gradbook inspect`: shows the contents of a session file. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .description("show what a session file holds: covariates, lengths, rates, tracker loss, and a picture")
    .argument(
      "<file>",
      "the session's .h5 file, a .zarr folder or its address, a .dset file, or a folder of .dset files, of a Sensorium or of an experanto recording",
    )
    .option(
      "--picture <file>",
      "the path of the picture, an .svg (default: beside the file, or here for an address)",
    )
    .option("--json", "print the contents as JSON")
    .action(async (file: string, { picture, json }: { picture?: string; json?: true }) => {
      const session = await readSession(file);
      const { name, cids, samplingRate, pixelsPerDegree } = session;
      const local = isAddress(file) ? basename(new URL(file).pathname) : file;
      const to = picture ?? local.replace(/(\.h5|\.dset|\.zarr)?\/?$/, ".svg");
      makeFolderOf(to);
      writeFileSync(to, String(pictureOf(session)));
      const recordings = Object.entries(session.recordings).map(([type, r]) =>
        overview(type, r, samplingRate),
      );
      if (json) {
        const about = { name, sampling_rate: samplingRate, pixels_per_degree: pixelsPerDegree };
        const tables = { recordings, covariates: covariates(session), units: rates(session) };
        return console.log(JSON.stringify({ ...about, ...tables, picture: to }, null, 2));
      }
      console.log(
        `${name}: ${cids.length} units, ${samplingRate} frames per second, ${pixelsPerDegree} pixels per degree\n`,
      );
      console.log(`${new Table(recordings)}\n`);
      console.log(`${new Table(covariates(session))}\n`);
      console.log(`${new Table(rates(session))}\n`);
      console.log(`picture: ${to}`);
    });
}

function overview(type: string, recording: Recording, rate: number) {
  const { frames, trialInds, dpiValid } = recording;
  const lost = dpiValid.reduce((n, valid) => n + Number(!(valid > 0)), 0);
  return {
    stimulus: type,
    frames,
    seconds: Math.round(frames / rate),
    size: frameSize(recording),
    trials: new Set(trialInds).size,
    "tracker loss (%)": Number(((100 * lost) / frames).toFixed(2)),
  };
}

function covariates({ recordings }: Session) {
  return Object.entries(recordings).flatMap(([type, recording]) => {
    const { frames, stim, robs, eyepos, tBins, trialInds, dpiValid, others } = recording;
    const row = (name: string, values: ArrayLike<number>) => {
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let i = 0; i < values.length; i++) {
        least = Math.min(least, values[i]!);
        most = Math.max(most, values[i]!);
      }
      const columns = values.length / frames;
      return { covariate: `${type}/${name}`, rows: frames, columns, least, most };
    };
    const known = { stim, robs, eyepos, t_bins: tBins, trial_inds: trialInds, dpi_valid: dpiValid };
    const other = Object.entries(others).map(([name, { values }]) => [name, values] as const);
    return [...Object.entries(known), ...other].map(([name, values]) => row(name, values));
  });
}

/** Returns a row for each unit: its spikes and rate, or the mean and standard deviation of other responses. */
function rates({ cids, recordings, samplingRate, responses = "counts" }: Session) {
  const all = Object.values(recordings);
  if (responses !== "counts")
    return cids.map((cid, unit) => ({ unit: cid, ...moments(all, cids.length, unit) }));
  const seconds = all.reduce((sum, { frames }) => sum + frames, 0) / samplingRate;
  return cids.map((cid, unit) => {
    const spikes = all.reduce((sum, { robs }) => {
      let own = 0;
      for (let at = unit; at < robs.length; at += cids.length) own += robs[at]!;
      return sum + own;
    }, 0);
    return { unit: cid, spikes, "rate (spikes/s)": Number((spikes / seconds).toFixed(2)) };
  });
}

function moments(recordings: readonly Recording[], units: number, unit: number) {
  const values = recordings.flatMap(({ robs }) => [...robs.filter((_, at) => at % units === unit)]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    mean: Number(mean.toPrecision(4)),
    "standard deviation": Number(Math.sqrt(variance).toPrecision(4)),
  };
}

/** Draws frames and spikes of the first two seconds, or of the whole session if it is shorter. */
function pictureOf({ name, cids, samplingRate, responses = "counts", recordings }: Session): string {
  const { stim, height, width, channels = 1, robs, frames } = Object.values(recordings)[0]!;
  const stimDtype = stim instanceof Uint8Array ? ("uint8" as const) : ("float32" as const);
  const view = { name, stim, stimDtype, height, width, channels, robs, responses, cids, samplingRate };
  const shown = Math.min(frames - 1, Math.round(2 * samplingRate));
  return sessionFigure(view, 0, shown).svgBundle()["image/svg+xml"] as string;
}
