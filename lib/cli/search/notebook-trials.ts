import { join } from "node:path";
import { ConfigError } from "../../base/config";
import { makeFolder } from "../../base/files/folder";
import { planNotebooks } from "../sweeps/notebooks";
import { notebookCommand, PapermillPool } from "../sweeps/papermill";
import type { Space } from "./space";
import type { Command, Trial } from "./trial";

/** The parameter that a notebook may declare to learn the trial's number, such as for a run's name. */
const NUMBER = "trial";

/**
 * Plans the trials of a notebook: papermill runs it with the trial's parameters, and writes the executed notebook to
 * `folder`.
 *
 * @throws ConfigError when the notebook does not take a parameter of the space, or a value of it
 */
export async function notebookTrials(
  project: string,
  notebook: string,
  space: Space,
  folder: string,
): Promise<(trial: Trial) => Command> {
  const pairs = Object.entries(space).map(([name, distribution]) => {
    const values = distribution.type === "categorical" ? distribution.choices : [distribution.low];
    return `${name}=${values.map((value) => JSON.stringify(value)).join(",")}`;
  });
  const pool = new PapermillPool(project);
  const isNumbered = await checkValues(pool, notebook, pairs, folder).finally(() => pool.close());
  makeFolder(folder);
  return ({ number, name, params }) => {
    const values = JSON.stringify({ ...params, ...(isNumbered ? { [NUMBER]: number } : {}) });
    const target = join(folder, `${name}.ipynb`);
    return notebookCommand(project, { source: notebook, target, values });
  };
}

/** Checks the values of a space. @returns whether the notebook also declares the parameter for the trial's number */
async function checkValues(
  pool: PapermillPool,
  notebook: string,
  pairs: readonly string[],
  folder: string,
): Promise<boolean> {
  await planNotebooks(pool, notebook, pairs, folder);
  return planNotebooks(pool, notebook, [`${NUMBER}=0`], folder).then(
    () => true,
    (error) => {
      if (error instanceof ConfigError) return false;
      throw error;
    },
  );
}
