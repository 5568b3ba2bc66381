import { below, check, checkAll, type Place } from "../base/config";
import { asMapping } from "../base/config/mappings";
import { activations } from "./activation";
import { componentOf } from "./component";
import { convs } from "./conv";
import { norms } from "./norm";
import { pools } from "./pool";

/**
 * Checks the typed parts in a ConvBlock's unparsed options: convolution, norm, activation and pooling.
 *
 * @throws ConfigError with all their problems
 */
export function checkBlockParts(block: unknown, at: Place): void {
  const { conv_params, norm_type, norm_params, act_type, act_params, pool_params } = asMapping(block);
  const named = (room: Parameters<typeof checkPart>[0], type: unknown, params: unknown, key: string) => () =>
    checkPart(room, type, params, below(at, `${key}_type`), below(at, `${key}_params`));
  const inline = (room: Parameters<typeof checkPart>[0], value: unknown, key: string) => () => {
    const { type, ...params } = asMapping(value);
    checkPart(room, type, params, below(below(at, key), "type"), below(at, key));
  };
  checkAll(at.where, [
    inline(convs, conv_params && { type: "standard", ...asMapping(conv_params) }, "conv_params"),
    named(norms, norm_type, norm_params, "norm"),
    named(activations, act_type, act_params, "act"),
    inline(pools, pool_params, "pool_params"),
    () => {
      const { type, conv_params: inner, ...pool } = asMapping(pool_params);
      // The block's convolution has a default kernel size.
      const convolution = { kernel_size: 3, ...asMapping(inner) };
      if (type === "learned")
        checkBlockParts({ ...pool, conv_params: convolution }, below(at, "pool_params"));
    },
  ]);
}

interface Checkable {
  readonly options: Parameters<typeof check>[0];
}

function checkPart(
  room: Readonly<Record<string, Checkable>>,
  type: unknown,
  params: unknown,
  typeAt: Place,
  at: Place,
): void {
  if (typeof type !== "string") return;
  const { options } = componentOf(room, type, typeAt);
  check(options, asMapping(params), at.where, at.path);
}
