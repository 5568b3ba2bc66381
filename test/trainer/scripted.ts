import type { Metrics } from "../../lib/protocols/events";
import { Toy } from "./toy";

/** A regression with given metrics for each validation; the last ones are repeated for later validations. */
export class Scripted extends Toy {
  private validation = 0;

  constructor(private readonly numbers: readonly Metrics[]) {
    super();
  }

  override validationMetrics(sums: Float64Array): ReturnType<Toy["validationMetrics"]> & Metrics {
    // The first call determines the names of the metrics.
    const at = Math.max(0, this.validation++ - 1);
    return { ...super.validationMetrics(sums), ...this.numbers[Math.min(at, this.numbers.length - 1)] };
  }
}

/** A regression with a metric of these values. */
export const withMetric = (name: string, ...values: number[]) =>
  new Scripted(values.map((value) => ({ [name]: value })));
