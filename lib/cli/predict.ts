import { Command, Option } from "commander";
import { product, rowMajor } from "../base/arrays/shape";
import { ConfigError } from "../base/config";
import { streamAtomically, writeAtomically } from "../base/files/atomic";
import { makeFolderOf } from "../base/files/folder";
import { readNpy, withNpy } from "../base/numpy/npy";
import { npyOf, npyStream } from "../base/numpy/write-npy";
import type { CoreStage } from "../model";
import { loadTwin, type MovieParts, type Twin } from "../twin";
import { wholeNumbers } from "./arguments";
import { CORE_STAGES, trusting, trustOption, twinPath } from "./recorded-run";

interface Flags {
  readonly stimulus: string;
  readonly out: string;
  readonly session?: string;
  readonly units?: readonly number[];
  readonly behavior?: string;
  readonly eyepos?: string;
  readonly stage?: CoreStage;
  readonly crop?: "center";
  readonly before: "grey" | "first";
  readonly trust: boolean;
}

/** `gradbook predict RUN`: the responses of a trained twin to a new stimulus. */
export function predictCommand(): Command {
  return new Command("predict")
    .description("compute the responses of a trained twin to a new stimulus; it needs no recordings")
    .argument("<run>", "the run's folder, its name in runs/ or checkpoints/, or a checkpoint")
    .requiredOption(
      "--stimulus <file>",
      "the movie as .npy, [frames, height, width(, channels)]: uint8, or normalised numbers",
    )
    .option("--out <file>", "the .npy file of the rates to write, [frames, units]", "rates.npy")
    .option("--session <name>", "the session whose units respond (default: all, one after the other)")
    .option("--units <ids>", "the ids of units of the session, such as 3,7,12 (default: all)", wholeNumbers)
    .option("--behavior <file>", "the animal's behaviour as .npy, [frames, variables] (default: 0)")
    .option("--eyepos <file>", "the eye position as .npy, [frames, 2] (default: 0)")
    .addOption(new Option("--crop <how>", "cut larger frames at their centre").choices(["center"]))
    .addOption(
      new Option("--before <what>", "the frames before the first one: mid-grey, or the first frame repeated")
        .choices(["grey", "first"])
        .default("grey"),
    )
    .addOption(
      new Option(
        "--stage <name>",
        "write the outputs of a stage for the first or the given session, [frames, time, height, width, channels], in place of rates",
      ).choices(CORE_STAGES),
    )
    .addOption(trustOption())
    .action(predict);
}

async function predict(
  run: string,
  { stimulus, out, behavior, eyepos, stage, trust, ...how }: Flags,
): Promise<void> {
  makeFolderOf(out);
  const twin = await loadTwin(twinPath(run), trusting(trust));
  try {
    const beside = {
      ...(behavior ? { behavior: numbersOf(behavior) } : {}),
      ...(eyepos ? { eyepos: numbersOf(eyepos) } : {}),
    };
    const movie = movieOf(stimulus);
    if (stage) {
      const { shape, values } = await twin.activations(stage, movie, { ...how, ...beside });
      writeAtomically(out, npyOf(shape, [values]));
      return console.log(
        `${out}: outputs of the ${stage}, [frames, time, height, width, channels] = [${shape.join(", ")}]`,
      );
    }
    const [frames, units] = [movie.shape[0]!, twin.unitsOf(how).length];
    await streamAtomically(out, npyStream([frames, units], twin.responses(movie, { ...how, ...beside })));
    console.log(`${out}: rates of ${frames} frames and ${units} units (${columnsOf(twin, how)})`);
  } finally {
    twin.dispose();
  }
}

/** Describes the columns of the rates. */
function columnsOf({ sessions }: Twin, { session, units }: Pick<Flags, "session" | "units">): string {
  if (units) return `${session} ${units.join(", ")}`;
  const chosen = sessions.filter(({ name }) => session === undefined || name === session);
  return chosen.map(({ name, cids }) => `${cids.length} of ${name}`).join(", ");
}

/** Returns a movie that is read in parts from a `.npy` file. @throws ConfigError for other types than bytes and floating-point numbers */
function movieOf(path: string): MovieParts {
  const { shape, rowsFirst, whole } = withNpy(path, (file) => ({
    shape: file.shape,
    rowsFirst: String(file.strides) === String(rowMajor(file.shape)),
    whole: file.whole,
  }));
  const pixels = product(shape.slice(1));
  const all = rowsFirst ? undefined : readNpy(path).values;
  const read = (from: number, to: number) => {
    const values =
      all?.slice(from * pixels, to * pixels) ??
      withNpy(path, (file) => file.read(from * pixels, to * pixels));
    if (values instanceof Uint8Array) return values;
    if (!whole) return Float32Array.from(values);
    const message =
      "holds integers that are not bytes; give uint8 grey levels, or normalised floating-point numbers";
    throw new ConfigError(path, [{ path: "", message }]);
  };
  return { shape, read };
}

const numbersOf = (path: string) => Float32Array.from(readNpy(path).values);
