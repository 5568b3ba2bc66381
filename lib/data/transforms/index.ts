import { cast } from "./cast";
import { dacones } from "./dacones";
import { diff } from "./diff";
import { fftwhitening } from "./fftwhitening";
import { maxnorm } from "./maxnorm";
import { mul } from "./mul";
import { pixelnorm } from "./pixelnorm";
import { selectUnits } from "./select-units";
import { smooth } from "./smooth";
import { splitrelu } from "./splitrelu";
import { symlog } from "./symlog";
import { temporalBasis } from "./temporal-basis";
import type { Transform } from "./transform";
import { unsqueeze } from "./unsqueeze";

/** Transforms of covariates by their names in a configuration's `transforms`. */
export const transforms: Readonly<Record<string, Transform>> = {
  cast,
  dacones,
  diff,
  fftwhitening,
  maxnorm,
  mul,
  pixelnorm,
  select_units: selectUnits,
  smooth,
  splitrelu,
  symlog,
  temporal_basis: temporalBasis,
  unsqueeze,
};
