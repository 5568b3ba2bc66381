/** The description of a metric in words. */
interface MetricWords {
  /** The part of the data, such as `validation`; empty if the name does not contain it. */
  part: string;
  /** The quantity with its unit, such as `bits per spike`: the same for training and validation. */
  quantity: string;
  /** The subset that it describes, such as a session; empty for all data. */
  of: string;
}

const PARTS: Readonly<Record<string, string>> = {
  train: "training",
  val: "validation",
  test: "test",
  eval: "evaluation",
};

/** The quantity of each metric in words, with the unit if the words do not imply it. */
const QUANTITIES: Readonly<Record<string, string>> = {
  acc: "accuracy",
  auc: "area under the ROC curve",
  bps: "bits per spike",
  corr: "correlation",
  grad_norm: "gradient norm",
  lr: "learning rate",
  mae: "mean absolute error",
  mse: "mean squared error",
  nll: "negative log-likelihood (nats)",
  process_mb: "process memory (MB)",
  r2: "R²",
  samples_per_s: "samples per second",
  tensor_mb: "tensor memory (MB)",
  tensors: "tensors alive",
};

/** The metrics of the machine and the schedule, which are not scores. */
const MACHINE = ["grad_norm", "lr", "process_mb", "samples_per_s", "tensor_mb", "tensors"];

/** Whether a metric is better when it is lower, by its name. */
export const lowerIsBetter = (metric: string): boolean => /loss|error|mse|nll|perplexity/i.test(metric);

/** Whether a metric is a score of the model. */
export const isScore = (metric: string): boolean => !MACHINE.includes(metric);

/** Returns the title of a panel: `validation bits per spike`, `loss` for the loss of training and validation, or `loss, by part of the data`. */
export function titleOf(metrics: readonly string[]): string {
  const words = metrics.map(wordsOf);
  const [part, ...others] = new Set(words.map((each) => each.part));
  const quantities = axisOf(metrics);
  const of = words.every((each) => each.of)
    ? `, ${words.length === 1 ? words[0]!.of : "by part of the data"}`
    : "";
  return `${part && others.length === 0 ? `${part} ` : ""}${quantities}${of}`;
}

/** Returns the label of a panel's y axis, with units. */
export function axisOf(metrics: readonly string[]): string {
  return [...new Set(metrics.map((metric) => wordsOf(metric).quantity))].join(", ");
}

function wordsOf(metric: string): MetricWords {
  const [, part, rest] = /^(train|val|test|eval)[_/](.+)$/.exec(metric) ?? [undefined, "", metric];
  const [name, ...of] = rest!.replace(/_(overall|epoch)(?=$|\/)/, "").split("/");
  return {
    part: PARTS[part!] ?? "",
    quantity: QUANTITIES[name!] ?? name!.replaceAll("_", " "),
    of: of.join(", "),
  };
}
