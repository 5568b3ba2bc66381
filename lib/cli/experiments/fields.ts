import { Command } from "commander";
import { naturalWindows, receptiveFields, receptiveFieldsFigure } from "../../insilico";
import { positive } from "../arguments";
import { experiment, type Flags, rounded } from "./experiment";

/** `gradbook fields RUN`: computes the receptive fields of a twin's units. */
export function fieldsCommand(): Command {
  const command = new Command("fields")
    .description("compute the receptive fields of a twin's units: gradients averaged over natural pictures")
    .option("--pictures <n>", "the number of natural pictures", positive, 50);
  return experiment(command, async (observer, { pictures }: Flags & { pictures: number }) => {
    const { view, units } = observer;
    const fields = await receptiveFields(observer, naturalWindows(view, pictures));
    const pixels = view.height * view.width;
    const all = units.map((unit, u) => ({
      unit,
      centre: fields.centres[u]!,
      energy: fields.energy.subarray(u * pixels, (u + 1) * pixels),
      mean: fields.mean.subarray(u * pixels * view.lags.length, (u + 1) * pixels * view.lags.length),
    }));
    const rows = all.map(({ unit, centre }) => ({
      unit,
      "x (°)": rounded(centre.x),
      "y (°)": rounded(centre.y),
    }));
    return { rows, figure: receptiveFieldsFigure(fields, units, view), data: all };
  });
}
