import type { Metrics } from "../../protocols/events";
import { isOwn, type TrainingModule } from "../../protocols/module";
import type { ProcessGroup } from "./process-group";

/** Returns the penalties of the regularizers with the present weights, by name, over the parameters of all processes. */
export async function penaltiesOf(
  module: TrainingModule,
  epoch: number,
  group: ProcessGroup | undefined,
): Promise<Metrics> {
  const { regularization, shard } = module;
  if (!regularization?.penalties) return {};
  if (!group || !shard) return regularization.penalties(epoch);
  const shared = regularization.penalties(epoch, (parameter) => !isOwn(module, parameter));
  const own = regularization.penalties(epoch, (parameter) => isOwn(module, parameter));
  const all = [shared, ...((await group.exchange(own)) as Record<string, number>[])];
  const names = new Set(all.flatMap(Object.keys));
  return Object.fromEntries(
    [...names].map((name) => [name, all.reduce((sum, part) => sum + (part[name] ?? 0), 0)]),
  );
}
