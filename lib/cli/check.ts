import { Command, Option } from "commander";
import { product } from "../base/arrays/shape";
import { ConfigError } from "../base/config";
import { type Note, throwFound, warn } from "../base/config/notes";
import { MOVIE_DTYPES, type MovieDtype } from "../base/dsp/movie";
import { Table } from "../base/jupyter/table";
import { type CheckedFiles, checkExperiment } from "../twin/check-experiment";

interface CheckFlags {
  model_config?: string;
  dataset_configs_path?: string;
  dset_dtype?: MovieDtype;
  max_datasets?: string;
  json?: true;
}

/** `gradbook check`: says everything that is wrong in a model, its sessions and their combination, without their recordings. */
export function checkCommand(): Command {
  return new Command("check")
    .description("check a model and its sessions without their recordings; exit code 0: usable, 2: not")
    .option("--model_config <file>", "the model's YAML file, or a checkpoint with its configuration")
    .option("--dataset_configs_path <file>", "the sessions' YAML file, or a folder of session files")
    .addOption(
      new Option("--dset_dtype <type>", "the storage type of movies (default: any)").choices(MOVIE_DTYPES),
    )
    .option("--max_datasets <n>", "the maximum number of sessions (default: all)")
    .option("--json", "print the findings as JSON")
    .action(({ model_config: model, dataset_configs_path: sessions, ...flags }: CheckFlags) => {
      if (!model && !sessions)
        throw new ConfigError("gradbook check", [
          { path: "", message: "give --model_config, --dataset_configs_path, or both" },
        ]);
      const maxDatasets = sessionLimit(flags.max_datasets);
      const checked = checkExperiment({ model, sessions, dsetDtype: flags.dset_dtype, maxDatasets });
      if (flags.json) {
        console.log(JSON.stringify(inJson(checked), null, 2));
        process.exitCode = checked.problems.length > 0 ? 2 : 0;
        return;
      }
      checked.notes.forEach(warn);
      throwFound(checked.problems, "gradbook check");
      print(checked);
    });
}

function sessionLimit(word: string | undefined): number | undefined {
  if (word === undefined || /^[1-9]\d*$/.test(word)) return word === undefined ? undefined : Number(word);
  const message = `must be a whole number over 0; found ${word}`;
  throw new ConfigError("gradbook check", [{ path: "max_datasets", message }]);
}

function inJson({ problems, notes, config, sessions, plan, behaviors }: CheckedFiles) {
  const listed = (found: readonly Note[]) =>
    found.map(({ where, path, message }) => ({ file: where, path, message }));
  return {
    ok: problems.length === 0,
    problems: listed(problems),
    warnings: listed(notes),
    ...(config && plan
      ? { model: { type: config.model_type, ...parametersOf(plan), stages: plan.stages } }
      : {}),
    ...(sessions
      ? {
          sessions: sessions.map(({ session, cids, unit_filters, split }) => ({
            session,
            units: cids.length,
            ...(unit_filters?.length ? { unit_filters } : {}),
            split,
          })),
          ...(behaviors === undefined ? {} : { behaviors }),
        }
      : {}),
  };
}

function print({ config, sessions, plan, behaviors }: CheckedFiles): void {
  if (config && plan) {
    const { parameters, trained } = parametersOf(plan);
    const rows = plan.stages.map(({ stage, type, outputShape, parameters }) => {
      return { stage, type, output: outputShape.join(" × "), "trained parameters": parameters };
    });
    console.log(
      `${new Table(rows, `${config.model_type}: ${inWords(parameters)} parameters, ${inWords(trained)} of them trained`)}`,
    );
  }
  if (sessions) {
    const units = sessions.reduce((sum, { cids }) => sum + cids.length, 0);
    const behaves = behaviors === undefined ? "" : `, ${behaviors} variables of behavior`;
    const filters = [...new Set(sessions.flatMap(({ unit_filters = [] }) => unit_filters))];
    const filtered = filters.length === 0 ? "" : ` (filtered by ${filters.join(", ")})`;
    console.log(
      `${sessions.length} sessions, ${inWords(units)} units${filtered}${behaves}, split: ${sessions[0]!.split}`,
    );
  }
  console.log("ok");
}

/** Returns the number of parameters that have an effect, and of those that are trained. Running statistics are not parameters. */
function parametersOf({ weights }: NonNullable<CheckedFiles["plan"]>) {
  const count = (some: typeof weights) => some.reduce((sum, { shape }) => sum + product(shape), 0);
  return {
    parameters: count(weights.filter(({ statistic = false }) => !statistic)),
    trained: count(weights.filter(({ trained = true }) => trained)),
  };
}

const inWords = (count: number) => count.toLocaleString("en");
